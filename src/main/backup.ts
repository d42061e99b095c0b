/** Hot copies of both stores in `backups/<time>-<label>`, verified before they count; the newest few are kept. */

import { readdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostStore } from '../host/index.ts';
import { type TableStore, verifyBackup } from '../tables/index.ts';

const KEPT = 5;

export async function makeBackup(
  dir: string,
  label: string,
  store: HostStore,
  tables: TableStore,
): Promise<string> {
  const name = `${new Date().toISOString().replaceAll(':', '-')}-${label}`;
  const partial = join(dir, `.${name}`);
  try {
    await mkdir(partial, { recursive: true });
    await tables.backup(join(partial, 'disc'));
    await store.backup(join(partial, 'host'));
    const rows = await verifyBackup(join(partial, 'disc'));
    await writeFile(
      join(partial, 'manifest.json'),
      `${JSON.stringify({ label, at: new Date().toISOString(), rows }, null, 2)}\n`,
    );
    await rename(partial, join(dir, name));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  await prune(dir);
  return join(dir, name);
}

async function prune(dir: string): Promise<void> {
  for (const name of listBackups(dir).slice(KEPT)) await rm(name, { recursive: true, force: true });
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
  const files = ['host', 'disc'].map((store) => join(dataDir, store, 'data.mdb'));
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(file).catch(() => ({ size: 0 }))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
