/**
 * Who may import whom under `src/`, and the check of it. Type-only imports count: a type ties two layers as a value does.
 * Imports are read from the text, at the start of a line as the formatter leaves them, so that erased ones are seen too;
 * text in a template literal that looks like an import is reported rather than missed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const HOST_SIDE = [
  'host',
  'upgrade',
  'observability',
  'release',
  'tables',
  'wire',
  'otp',
  'errors',
  'control',
];

/** Layer → layers that it may import, besides itself. `index` is `src/index.ts`, what application authors import. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  otp: [],
  wire: [],
  tables: [],
  control: [],
  release: ['tables', 'errors'],
  runner: ['otp', 'wire', 'tables', 'release', 'errors'],
  host: ['otp', 'wire', 'tables', 'release', 'errors', 'control'],
  bridge: ['wire', 'errors'],
  observability: ['otp', 'errors'],
  upgrade: ['host', 'release', 'tables', 'observability', 'control', 'wire', 'otp', 'errors'],
  admin: HOST_SIDE,
  ctl: ['control', 'errors'],
  index: ['otp', 'tables', 'release', 'runner', 'errors'],
  main: [...HOST_SIDE, 'admin', 'bridge', 'runner', 'index'],
};

export interface Import {
  /** Both relative to the source root, with forward slashes. */
  from: string;
  to: string;
  line: number;
}

/** `import … from '…'`, `export … from '…'` (comments between the braces included), and `import '…'`. */
const STATEMENT =
  /^(?:import|export)\b(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|[^;'"`()])*?\bfrom\s*(['"])([^'"\n]+)\1|^import\s*(['"])([^'"\n]+)\3/gm;
const DYNAMIC = /\bimport\(\s*(['"])([^'"\n]+)\1/g;
const EXPORT_STAR = /^export\s+(?:type\s+)?\*/gm;
const OWN_NAMES: Readonly<Record<string, string>> = { erlmcp: 'index.ts', 'erlmcp/otp': 'otp/index.ts' };

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

export function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function target(root: string, file: string, specifier: string): string | undefined {
  if (specifier in OWN_NAMES) return OWN_NAMES[specifier];
  if (!specifier.startsWith('.')) return undefined;
  return relative(root, resolve(dirname(join(root, file)), specifier))
    .split(sep)
    .join('/');
}

export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  for (const match of [...text.matchAll(STATEMENT), ...text.matchAll(DYNAMIC)]) {
    const to = target(root, file, match[2] ?? match[4] ?? '');
    if (to !== undefined) found.push({ from: file, to, line: lineOf(text, match.index) });
  }
  return found;
}

const layerOf = (file: string): string =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');

function brokenArrow({ from, to, line }: Import): string | undefined {
  const [source, sink] = [layerOf(from), layerOf(to)];
  const at = `${from}:${line} imports ${to}`;
  if (!(source in LAYERS)) return `${at}: ${source} is no layer of the table`;
  if (to.startsWith('../')) return `${at}: outside of the sources`;
  if (source === sink || LAYERS[source]?.includes(sink)) return undefined;
  return `${at}: ${source} may not import ${sink}`;
}

function exportStars(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(EXPORT_STAR)].map(
    (match) => `${file}:${lineOf(text, match.index)} has \`export *\`: name each export`,
  );
}

/** Each cycle once, as `a.ts -> b.ts -> a.ts`, from depth-first search with the current path on a stack. */
function cycles(imports: readonly Import[]): string[] {
  const edges = Map.groupBy(imports, ({ from }) => from);
  const finished = new Set<string>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    if (finished.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(`import cycle: ${[...path.slice(start), file].join(' -> ')}`);
      return;
    }
    path.push(file);
    for (const { to } of edges.get(file) ?? []) visit(to);
    path.pop();
    finished.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return found;
}

/** What breaks the rules under `root`, a line each; empty when nothing does. */
export function layerViolations(root: string): string[] {
  const files = sourceFiles(root);
  const imports = files.flatMap((file) => importsOf(root, file));
  return [
    ...imports.map(brokenArrow).filter((line) => line !== undefined),
    ...files.flatMap((file) => exportStars(root, file)),
    ...cycles(imports),
  ];
}
