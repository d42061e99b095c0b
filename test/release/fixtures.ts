/** Packages made by hand: sound ones, and ones that a build would never make. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { onTestFinished } from 'vitest';
import { OperatorError } from '../../src/errors/index.ts';
import { checksumLine, sha256 } from '../../src/release/checksum.ts';
import { packagePath } from '../../src/release/locations.ts';
import type { ChainVersion, Manifest } from '../../src/release/manifest.ts';
import { WIRE_VERSION } from '../../src/release/versions.ts';

/** A folder that is removed when the test ends. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'erlmcp-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const RUNNER = 'export {};\n';
export const APPUP = 'export default [];\n';

interface TableOptions {
  shape?: string;
  lenses?: Record<number, string>;
  key?: string;
}

export const hash = (text: string): string => sha256(text);

/** A manifest of one release of the family `erlmcp`: `notes` and `counter` at the end of their chains. */
export function manifestOf(
  vsn: string,
  notes: readonly number[] = [1],
  counter: readonly number[] = [1],
  options: TableOptions = {},
): Manifest {
  const last = notes.at(-1) ?? 1;
  const step = (version: number, index: number): ChainVersion => ({
    version,
    shape: version === last ? hash(options.shape ?? `notes ${version}`) : null,
    lens: index === 0 ? null : hash(options.lenses?.[version] ?? `lens ${version}`),
  });
  return {
    format: 1,
    name: 'erlmcp',
    vsn,
    node: '>=22.19',
    wireVersion: WIRE_VERSION,
    storeVersion: 1,
    applications: [{ name: 'workspace', vsn, mcp: true }],
    servers: [
      {
        application: 'workspace',
        name: 'counter',
        version: counter.at(-1) ?? 1,
        versions: counter.map((version, index) => ({
          version,
          shape: null,
          lens: index === 0 ? null : hash(`counter ${version}`),
        })),
      },
    ],
    tables: [
      {
        application: 'workspace',
        name: 'notes',
        version: last,
        key: options.key ?? 'id',
        storage: 'disc',
        type: 'ordered_set',
        shape: null,
        versions: notes.map(step),
      },
    ],
    files: { 'runner.mjs': sha256(RUNNER), 'appup.mjs': sha256(APPUP) },
  };
}

export interface TarEntry {
  path: string;
  content?: string;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'Directory' | 'CharacterDevice';
  linkpath?: string;
}

export const soundEntries = (manifest: Manifest): TarEntry[] => [
  { path: 'manifest.json', content: JSON.stringify(manifest) },
  { path: 'runner.mjs', content: RUNNER },
  { path: 'appup.mjs', content: APPUP },
];

/** A tar archive with exactly these entries, however wicked. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = '', type = 'File', linkpath } of entries) {
    const body = Buffer.from(content);
    const header = new Header({
      path,
      type,
      size: body.length,
      mode: 0o644,
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Puts a package into a home, with the checksum that fits it. */
export async function putPackage(home: string, vsn: string, archive: Buffer): Promise<string> {
  const path = packagePath(home, vsn);
  await mkdir(join(home, 'packages'), { recursive: true });
  await writeFile(path, archive);
  await writeFile(`${path}.sha256`, checksumLine(`erlmcp-${vsn}.tar.gz`, sha256(archive)));
  return path;
}

export const putEntries = (home: string, vsn: string, entries: readonly TarEntry[]): Promise<string> =>
  putPackage(home, vsn, gzipSync(tarOf(entries)));

/** The reason with which an operation is refused, in the runbook's form. */
export async function reasonOf(operation: (() => unknown) | Promise<unknown>): Promise<string> {
  try {
    await (typeof operation === 'function' ? operation() : operation);
  } catch (error) {
    if (error instanceof OperatorError) return error.reason;
    throw error;
  }
  throw new Error('the operation was not refused');
}
