/** The copies in `backups/`, and whether they are still what was verified when they were made. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Backup } from '../../control/index.ts';
import { sha256Of } from '../../tables/index.ts';
import { BACKUP_FILES, type BackupManifest, listBackups, readManifest } from '../backup.ts';

/** A larger copy is not summed: a status has to be there at once, and costs the host's thread 1 ms for about 1 MB. */
const SUMMED_BYTES = 16 * 1024 * 1024;

/** A copy is never written again, so one sum of each file, as it is, is enough. By path; those of backups that are gone are dropped. */
let sums = new Map<string, string>();

export async function backupsNow(dir: string): Promise<Backup[]> {
  const found = await Promise.all(listBackups(dir).map(describe));
  const backups = found.filter((backup) => backup !== undefined);
  sums = new Map([...sums].filter(([key]) => backups.some(({ path }) => key.startsWith(path))));
  return backups;
}

/** Undefined for one that is removed meanwhile. */
async function describe(path: string): Promise<Backup | undefined> {
  const folder = await stat(path).catch(() => undefined);
  if (folder === undefined) return undefined;
  const sizes = await Promise.all(
    BACKUP_FILES.map((file) =>
      stat(join(path, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const manifest = await readManifest(path).catch(() => undefined);
  const rows = Object.values(manifest?.rows ?? {});
  return {
    name: basename(path),
    path,
    created: manifest?.at ?? folder.mtime.toISOString(),
    tables: manifest ? rows.length : null,
    rows: manifest ? rows.reduce((sum, count) => sum + count, 0) : null,
    bytes,
    state: manifest ? await stateOf(path, bytes, manifest) : 'damaged',
  };
}

async function stateOf(path: string, bytes: number, manifest: BackupManifest): Promise<Backup['state']> {
  if (bytes !== manifest.bytes) return 'damaged';
  if (bytes > SUMMED_BYTES) return 'unchecked';
  try {
    for (const file of BACKUP_FILES)
      if ((await sumOf(join(path, file))) !== manifest.files[file]) return 'damaged';
    return 'ok';
  } catch {
    return 'damaged';
  }
}

async function sumOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const key = `${file} ${ino} ${size} ${mtimeMs}`;
  const known = sums.get(key) ?? (await sha256Of(file));
  sums.set(key, known);
  return known;
}
