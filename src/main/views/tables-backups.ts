/** The copies in `backups/`, and whether they are still what was verified when they were made. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Backup } from '../../control/index.ts';
import { listBackups } from '../backup.ts';

/** A larger file is not summed: a status has to be there at once, and costs the host's thread 1 ms for about 1 MB. */
const SUMMED_BYTES = 16 * 1024 * 1024;

/** A copy is never written again, so one sum of each file, as it is, is enough. */
const sums = new Map<string, string>();

export async function backupsNow(dir: string): Promise<Backup[]> {
  const folders = listBackups(dir);
  const found = await Promise.all(folders.map(describe));
  return found.filter((backup) => backup !== undefined);
}

/** Undefined for one that is removed meanwhile. */
async function describe(path: string): Promise<Backup | undefined> {
  const folder = await stat(path).catch(() => undefined);
  if (folder === undefined) return undefined;
  const files = [join(path, 'disc', 'data.mdb'), join(path, 'host', 'data.mdb')];
  const sizes = await Promise.all(files.map((file) => stat(file).then(({ size }) => size, missing)));
  const manifest = await readManifest(path);
  const [disc, host] = sizes;
  const whole = disc !== undefined && host !== undefined && manifest !== undefined;
  return {
    name: basename(path),
    path,
    created: manifest?.at ?? folder.mtime.toISOString(),
    bytes: (disc ?? 0) + (host ?? 0),
    state: whole ? await checkSum(join(path, 'disc'), disc) : 'damaged',
  };
}

const missing = (): undefined => undefined;

async function readManifest(path: string): Promise<{ at: string } | undefined> {
  try {
    const { at } = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as { at?: unknown };
    return { at: new Date(String(at)).toISOString() };
  } catch {
    return undefined;
  }
}

async function checkSum(folder: string, size: number): Promise<Backup['state']> {
  if (size > SUMMED_BYTES) return 'unchecked';
  try {
    const file = join(folder, 'data.mdb');
    const line = await readFile(`${file}.sha256`, 'utf8');
    return line.startsWith(await sumOf(file)) ? 'ok' : 'damaged';
  } catch {
    return 'damaged';
  }
}

async function sumOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const key = `${file} ${ino} ${size} ${mtimeMs}`;
  const known = sums.get(key);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sum = hash.digest('hex');
  sums.set(key, sum);
  return sum;
}
