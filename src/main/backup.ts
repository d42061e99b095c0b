/**
 * Hot copies of both stores in `backups/<time>-<label>`, each with a manifest: the tables with their counts, and the sums of the files. A
 * copy is verified before it counts; the newest few are kept.
 */
import { readdirSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { HostStore } from '../host/index.ts';
import { backupSum, flushPath, sha256Of, type TableStore, verifyBackup } from '../tables/index.ts';

const KEPT = 5;
const MANIFEST = 'manifest.json';
/** Of which a manifest has the sums. */
export const BACKUP_FILES = ['disc/data.mdb', 'host/data.mdb'] as const;

export interface BackupOptions {
  /** Folder to make; default: one in `dir`, whose oldest are then removed. */
  readonly to?: string | undefined;
  /** Tables that are to be in the copy as they stand in another place. */
  readonly places?: Readonly<Record<string, string>> | undefined;
  /** Backups that stay, whatever their age. */
  readonly spare?: readonly string[];
}

const Manifest = z.object({
  label: z.string(),
  at: z.iso.datetime(),
  bytes: z.int(),
  /** By table. */
  rows: z.record(z.string(), z.int()),
  /** SHA-256 of each file, in hexadecimal. */
  files: z.record(z.enum(BACKUP_FILES), z.string().regex(/^[0-9a-f]{64}$/)),
});

export type BackupManifest = z.infer<typeof Manifest>;

/** One at a time: each removes what others have left behind. */
let turn: Promise<unknown> = Promise.resolve();

/** @returns the folder. Rejects, and leaves nothing, when the copy can't be written or fails its verification. */
export function makeBackup(
  dir: string,
  label: string,
  store: HostStore,
  tables: TableStore,
  options: BackupOptions = {},
): Promise<string> {
  const made = turn.then(() => make(dir, label, store, tables, options));
  turn = made.catch(() => undefined);
  return made;
}

async function make(
  dir: string,
  label: string,
  store: HostStore,
  tables: TableStore,
  { to, places, spare = [] }: BackupOptions,
): Promise<string> {
  const at = new Date().toISOString();
  const name = `${at.replaceAll(':', '-')}-${label}`;
  const target = to ?? join(dir, name);
  const partial = to === undefined ? join(dir, `.${name}`) : `${to}.partial`;
  try {
    await mkdir(partial, { recursive: true, mode: 0o700 });
    await tables.backup(join(partial, 'disc'), places);
    await store.backup(join(partial, 'host'));
    // What a restore has replaced may be damaged: that may be why.
    const rows = await verifyBackup(join(partial, 'disc'), places ? { tables: [] } : {});
    await writeManifest(partial, { label, at, rows });
    await rename(partial, target);
    await flushPath(dirname(target));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  if (to === undefined) await prune(dir, spare);
  return target;
}

async function writeManifest(
  folder: string,
  known: Pick<BackupManifest, 'label' | 'at' | 'rows'>,
): Promise<void> {
  const [disc, host] = BACKUP_FILES;
  const files = { [disc]: await backupSum(join(folder, 'disc')), [host]: await sha256Of(join(folder, host)) };
  const sizes = await Promise.all(BACKUP_FILES.map((file) => stat(join(folder, file))));
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  const handle = await open(join(folder, MANIFEST), 'w');
  try {
    await handle.writeFile(`${JSON.stringify({ ...known, bytes, files }, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await flushPath(join(folder, 'host'));
  await flushPath(folder);
}

/** Rejects for a folder that has none that can be read. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  return Manifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
}

async function prune(dir: string, spare: readonly string[]): Promise<void> {
  for (const path of listBackups(dir).slice(KEPT))
    if (!spare.includes(path)) await rm(path, { recursive: true, force: true });
  for (const name of await readdir(dir))
    if (name.startsWith('.2')) await rm(join(dir, name), { recursive: true, force: true });
}

/** Folders of whole backups, the newest first. */
export const listBackups = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .reverse()
    .map((name) => join(dir, name));

/** What a copy of both stores takes at the most. */
export async function dataBytes(dataDir: string): Promise<number> {
  const files = BACKUP_FILES.map((file) => join(dataDir, file));
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(file).catch(() => ({ size: 0 }))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
