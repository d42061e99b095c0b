import { withBackup } from './backup.ts';
import type { TableEntry } from './catalogue.ts';
import type { LiveIndex } from './index-catalogue.ts';
import type { LensChain } from './lens-chain.ts';
import type { Partition } from './partition.ts';
import { valueIn } from './reindex.ts';
import { DAMAGED } from './row-codec.ts';
import type { RowTable } from './row-table.ts';
import { TableError } from './table-error.ts';
import type { TableKey } from './types.ts';

/**
 * Puts tables of a backup in the place of those that are in use, while all processes go on with these. The rows are copied beside
 * them in short transactions, with the entries of their indexes; then one transaction of the environment changes over all of
 * the tables at once. What was written to a replaced table since the backup is not in the restored one.
 */
export interface RestoreOptions {
  /** Default: every table of the backup. */
  readonly tables?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { table: string; rows: number; total: number }) => void) | undefined;
  /** Chains that read the rows; a row of a version that they lack is refused. */
  readonly chainOf: (table: string) => LensChain | undefined;
}

/** Copied rows, ready to take their table's place. */
export interface Replacement {
  readonly entry: TableEntry;
  readonly place: string;
  readonly rows: number;
  readonly indexes: readonly { readonly index: LiveIndex; readonly id: number }[];
}

/** Rows per transaction: what other writers wait for takes a few milliseconds. */
const CHUNK_ROWS = 500;

/** @throws `bad_table` for one that the backup lacks, `restore_failed` for a row that can't be read, `backup_damaged` */
export function copyFromBackup(
  partition: Partition,
  dir: string,
  options: RestoreOptions,
): Promise<Replacement[]> {
  return withBackup(dir, async (backup) => {
    const entries = chosen(backup, options.tables);
    const copied: Replacement[] = [];
    try {
      for (const entry of entries) copied.push(await copyTable(partition, backup, entry, options));
    } catch (error) {
      await discard(partition, copied);
      throw error;
    }
    return copied;
  });
}

function chosen(backup: Partition, tables: readonly string[] | undefined): TableEntry[] {
  const entries = backup.catalogue.list();
  if (tables === undefined) return entries;
  return tables.map((name) => {
    const entry = entries.find((known) => known.name === name);
    if (entry) return entry;
    const names = entries.map((known) => known.name).join(', ');
    throw new TableError('bad_table', `the backup does not have it; it has ${names}`, { table: name });
  });
}

async function copyTable(
  { environment, catalogue, indexes }: Partition,
  backup: Partition,
  entry: TableEntry,
  { chainOf, signal, onProgress }: RestoreOptions,
): Promise<Replacement> {
  const { name } = entry;
  const place = nextPlace(catalogue.placeOf(name), name);
  await environment.dropRows(place);
  const to = await environment.openRows(place);
  const from = await backup.rowsOf(name);
  const chain = chainOf(name);
  const replaced = await environment.transaction(() =>
    indexes.of(name).map((index) => ({ index, id: indexes.newId() })),
  );
  const total = from.count();
  let rows = 0;
  let chunk: StoredRow[] = [];
  const write = async (): Promise<void> => {
    const batch = chunk;
    chunk = [];
    await environment.transaction(() => {
      for (const { key, row, version } of batch) {
        to.write(key, version, row);
        for (const { index, id } of chain ? replaced : []) {
          const value = valueIn(index, chain!, { row, version });
          if (value) indexes.entries.put(id, value, key);
        }
      }
    });
    rows += batch.length;
    onProgress?.({ table: name, rows, total });
  };
  for await (const row of storedRows(from, name, chain, signal)) {
    chunk.push(row);
    if (chunk.length === CHUNK_ROWS) await write();
  }
  await write();
  return { entry, place, rows, indexes: replaced };
}

interface StoredRow {
  readonly key: TableKey;
  readonly row: object;
  readonly version: number;
}

async function* storedRows(
  rows: RowTable,
  table: string,
  chain: LensChain | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredRow> {
  let read: StoredRow[] = [];
  const visit = (key: TableKey, row: unknown, version: number): void => {
    if (row === DAMAGED)
      throw new TableError('backup_damaged', 'the row fails its checksum in the backup', { table, key });
    if (chain && !chain.has(version))
      throw new TableError(
        'restore_failed',
        `a row of the backup is of version ${version}, which no release here knows; install the release that wrote it`,
        { table, key, version },
      );
    read.push({ key, row: row as object, version });
  };
  let last: TableKey | undefined;
  do {
    signal?.throwIfAborted();
    const walk = last === undefined ? {} : { start: last, afterStart: true };
    last = rows.walk({ ...walk, limit: CHUNK_ROWS }, visit);
    yield* read;
    read = [];
  } while (last !== undefined);
}

/** All at once; what is replaced stays in the file until `discard`. The result names the places that are not used any more. */
export async function changeOver(
  partition: Partition,
  replacements: readonly Replacement[],
): Promise<string[]> {
  const { environment, catalogue, indexes, wayBack } = partition;
  return await environment.transaction(() =>
    replacements.map(({ entry, place, indexes: built }) => {
      const before = catalogue.placeOf(entry.name);
      catalogue.move(entry, place);
      for (const { index, id } of built) indexes.replace(index, id);
      wayBack.forgetTable(entry.name);
      return before;
    }),
  );
}

/** Of copies that did not take their place. */
export async function discard({ environment }: Partition, copied: readonly Replacement[]): Promise<void> {
  for (const { place } of copied) await environment.dropRows(place);
}

/** `notes`, `notes#1`, `notes#2`, … */
function nextPlace(place: string, table: string): string {
  const number = Number(place.slice(table.length + 1) || 0);
  return `${table}#${number + 1}`;
}
