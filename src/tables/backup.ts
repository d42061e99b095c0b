import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Environment } from './environment.ts';
import { flushPath, sha256Of } from './files.ts';
import { Partition } from './partition.ts';
import { DAMAGED } from './row-codec.ts';
import { scanRows } from './scan.ts';
import { TableError } from './table-error.ts';
import type { TableKey } from './types.ts';

/**
 * A backup is a folder that is there only when it is whole and flushed: the environment's file, and that file's sum as `sha256sum -c`
 * reads it. The sum is checked before the file is opened, for LMDB trusts its pages: damaged ones could end the process.
 */
const DATA = 'data.mdb';
const SUM = `${DATA}.sha256`;
const CLOSE_MS = 5_000;

/**
 * @param to must not exist
 * @param places of tables that are to be in the copy as they stand there
 */
export async function writeBackup(
  environment: Environment,
  to: string,
  places: Readonly<Record<string, string>> = {},
): Promise<void> {
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await environment.copyTo(partial);
  if (Object.keys(places).length > 0) await putBack(partial, places);
  await writeFile(join(partial, SUM), `${await sha256Of(join(partial, DATA))}  ${DATA}\n`);
  for (const path of [join(partial, DATA), join(partial, SUM), partial]) await flushPath(path);
  await rename(partial, to);
  await flushPath(dirname(to));
}

/** In the copy, the tables are in these places. */
async function putBack(dir: string, places: Readonly<Record<string, string>>): Promise<void> {
  const partition = await Partition.open('disc', { path: dir, sync: true });
  const { environment, catalogue } = partition;
  try {
    await environment.transaction(() => {
      for (const [table, place] of Object.entries(places)) {
        const entry = catalogue.find(table);
        if (entry) catalogue.move(entry, place);
      }
    });
  } finally {
    await environment.close(CLOSE_MS);
  }
  await rm(join(dir, 'lock.mdb'), { force: true });
}

export interface VerifyBackupOptions {
  /** Whose rows have to be whole; default all. */
  readonly tables?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the sum of a copy that `store.backup` made, opens it and reads every row's checksum. The result is rows per table.
 * @throws `backup_damaged`
 */
export async function verifyBackup(
  dir: string,
  { tables, signal }: VerifyBackupOptions = {},
): Promise<Record<string, number>> {
  await checkSum(dir);
  return await withBackup(dir, async (partition) => {
    const counts: Record<string, number> = {};
    for (const { name } of partition.catalogue.list())
      counts[name] =
        tables === undefined || tables.includes(name)
          ? await countRows(partition, name, signal)
          : (await partition.rowsOf(name)).count();
    return counts;
  });
}

/** Opens a copy whose sum was checked, for reading, and closes it. */
export async function withBackup<T>(dir: string, use: (partition: Partition) => Promise<T>): Promise<T> {
  const partition = await Partition.open('disc', { path: dir, sync: true, readOnly: true });
  try {
    return await use(partition);
  } finally {
    await partition.environment.close(CLOSE_MS);
  }
}

/** As it stands beside the copy, in hexadecimal. */
export async function backupSum(dir: string): Promise<string> {
  const [sum = ''] = (await readFile(join(dir, SUM), 'utf8')).split(' ', 1);
  return sum;
}

async function checkSum(dir: string): Promise<void> {
  try {
    const expected = await backupSum(dir);
    const found = await sha256Of(join(dir, DATA));
    if (found !== expected) throw new Error(`its sum is ${found}, not ${expected}`);
  } catch (cause) {
    throw new TableError('backup_damaged', `${join(dir, DATA)} is not the copy that was made; make another`, {
      cause,
    });
  }
}

async function countRows(
  partition: Partition,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  const visit = (key: TableKey, row: unknown): void => {
    count++;
    if (row !== DAMAGED) return;
    throw new TableError('backup_damaged', 'the row fails its checksum in the copy', { table: name, key });
  };
  await scanRows(partition.environment, await partition.rowsOf(name), visit, { signal });
  return count;
}
