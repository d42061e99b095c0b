/**
 * Bundles a release's code with esbuild. The output depends on the sources alone: no absolute path, and no path
 * that tells where source or erlmcp lie.
 */
import { relative, resolve, sep } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Message } from 'esbuild';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ownModule, PACKAGE_ROOT } from '../locations.ts';
import type { ReleaseSource } from './release-source.ts';
import { appupPlugin, nodeModulesPlugin, ownPackagePlugin } from './resolve-plugins.ts';

type Bundled = Pick<BuildResult<{ write: false; metafile: true }>, 'outputFiles' | 'metafile'>;

const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  sourcemap: false,
  charset: 'utf8',
  logLevel: 'silent',
  legalComments: 'eof',
  // A tsconfig of the author's is not ours: it could change what the code means.
  tsconfigRaw: {},
} as const satisfies BuildOptions;

/** What bundled CommonJS requires at run time: built-in modules, and the node's own build of lmdb. */
const REQUIRE =
  "const require = process.getBuiltinModule('node:module').createRequire(process.env.ERLMCP_MODULES || import.meta.url);";

export async function bundleRunner(source: ReleaseSource): Promise<string> {
  return await bundle(source, {
    stdin: { contents: runnerEntry(source), resolveDir: source.folder, sourcefile: 'release.js' },
    banner: { js: REQUIRE },
    plugins: [ownPackagePlugin, nodeModulesPlugin],
  });
}

function runnerEntry({ name, vsn, applications }: ReleaseSource): string {
  const imports = applications.map(
    (path, index) => `import application${index} from ${JSON.stringify(`./${path.split(sep).join('/')}`)};`,
  );
  const list = applications.map((_, index) => `application${index}`).join(', ');
  return `import { runRelease } from ${JSON.stringify(ownModule('runner/main'))};
${imports.join('\n')}
await runRelease({ name: ${JSON.stringify(name)}, vsn: ${JSON.stringify(vsn)}, applications: [${list}] });
`;
}

/** The appup, free of imports. Throws `{appup_imports, Name}` if it needs any module beside its own folder's. */
export async function bundleAppup(source: ReleaseSource): Promise<string> {
  if (source.appup === undefined) return 'export default [];\n';
  const text = await bundle(source, { entryPoints: [source.appup], plugins: [appupPlugin] });
  const left = /\b(?:import|require)\s*\(\s*([^)]*)|^import\b.*?["']([^"']+)["']/m.exec(text);
  if (left === null) return text;
  const name = (left[1] ?? left[2] ?? '').trim();
  throw new OperatorError(
    tuple('appup_imports', name),
    `appup.ts loads ${name} at run time; an appup is loaded alone.`,
    'Write the lenses without it.',
  );
}

async function bundle(source: ReleaseSource, options: BuildOptions): Promise<string> {
  try {
    const result = await build({ ...options, ...COMMON, absWorkingDir: source.folder });
    return hidePaths(source.folder, result);
  } catch (cause) {
    throw bundleFailed(source, cause);
  }
}

/** esbuild names each module by its path from the source folder; that is replaced by one that is the same everywhere. */
function hidePaths(folder: string, { outputFiles, metafile }: Bundled): string {
  const text = outputFiles[0]?.text ?? '';
  const names = new Map(
    Object.keys(metafile.inputs).map((path) => [path, stableName(folder, path)] as const),
  );
  return text
    .replace(/^\/\/ (.+)$/gm, (line, path: string) => replaceName(line, path, names))
    .replace(/^( *)"([^"\n]+)"(?=\()/gm, (line, _indent, path: string) => replaceName(line, path, names));
}

const replaceName = (line: string, path: string, names: ReadonlyMap<string, string>): string =>
  names.has(path) ? line.replace(path, () => names.get(path) ?? path) : line;

function stableName(folder: string, path: string): string {
  const modules = path.lastIndexOf('node_modules/');
  if (modules >= 0) return path.slice(modules);
  const own = relative(PACKAGE_ROOT, resolve(folder, path)).split(sep).join('/');
  const isOwn = /^(src|dist)\//.test(own);
  return isOwn ? `erlmcp/${own}` : path;
}

function bundleFailed(source: ReleaseSource, cause: unknown): OperatorError {
  const first = (cause as { errors?: Message[] } | undefined)?.errors?.[0];
  if (first === undefined) throw cause;
  const { text, location } = first;
  const at = location === null ? source.folder : `${location.file}:${location.line}`;
  const imported = /^an appup imports nothing, but .* imports "([^"]+)"$/.exec(text)?.[1];
  return imported === undefined
    ? new OperatorError(tuple('bundle_failed', at), `${text}.`, 'Correct the source and build again.', {
        cause,
      })
    : new OperatorError(
        tuple('appup_imports', imported),
        `${at} imports "${imported}"; an appup is loaded alone and imports nothing but types.`,
        'Write the lenses without it.',
        { cause },
      );
}
