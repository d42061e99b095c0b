/**
 * What a store can say of itself at any time, from LMDB's own statistics: no row is read for it, but a bounded sample where
 * versions are asked for. A writer that stands still delays it by the time-out at most, and blocks no thread.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TableEntry } from './catalogue.ts';
import type { Environment } from './environment.ts';
import type { Partition } from './partition.ts';
import type { RowTable } from './row-table.ts';
import type { Storage, TableKey } from './types.ts';
import { within } from './within.ts';

export interface FigureOptions {
  /** For the writer lock, which is tried, and taken to open a table for the first time. */
  readonly timeoutMs: number;
  /** So many rows of each table are looked at for their versions; default 0. */
  readonly versionsOf?: number | undefined;
}

export interface TableFigures extends TableEntry {
  /** Null where the table could not be opened in time. */
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly versions: VersionSample | null;
}

/** Rows by the version that wrote them, 0 for damaged ones; of all rows where `looked` is their number, else of both ends. */
export interface VersionSample {
  readonly looked: number;
  readonly rows: Readonly<Record<number, number>>;
}

export interface StorageFigures {
  readonly storage: Storage;
  /** Folder of the environment. */
  readonly path: string;
  readonly usedBytes: number;
  readonly lastTransaction: number;
  /** Processes that have a reader's slot. */
  readonly readers: number;
  /** Whether the writer lock could be had within the time. */
  readonly writable: boolean;
  readonly tables: readonly TableFigures[];
}

/** Longest that a sample holds up its process at once. */
const CHUNK_MS = 5;

export const storageFigures = (
  partitions: readonly Partition[],
  options: FigureOptions,
): Promise<StorageFigures[]> => Promise.all(partitions.map((partition) => figuresOf(partition, options)));

async function figuresOf(partition: Partition, options: FigureOptions): Promise<StorageFigures> {
  const { storage, environment, catalogue } = partition;
  const writable = environment.probe(options.timeoutMs);
  environment.refresh();
  const entries = catalogue.list();
  const tables = await Promise.all(entries.map((entry) => tableFigures(partition, entry, options)));
  const readers = new Set(environment.readers().map(({ pid }) => pid)).size;
  return {
    storage,
    path: environment.path,
    ...environment.stats(),
    readers,
    writable: await writable,
    tables,
  };
}

async function tableFigures(
  partition: Partition,
  entry: TableEntry,
  { timeoutMs, versionsOf = 0 }: FigureOptions,
): Promise<TableFigures> {
  const rows = await within(timeoutMs, partition.rowsOf(entry.name));
  if (rows === undefined) return { ...entry, rows: null, bytes: null, versions: null };
  const { environment } = partition;
  environment.refresh();
  const figures = { ...entry, rows: rows.count(), bytes: rows.bytes() };
  const versions = versionsOf > 0 ? await sampleVersions(environment, rows, versionsOf) : null;
  return { ...figures, versions };
}

/** All rows of a table that is small enough, else as many from its end as from its beginning. */
async function sampleVersions(
  environment: Environment,
  rows: RowTable,
  limit: number,
): Promise<VersionSample> {
  const counts = new Map<number, number>();
  const visit = (_key: TableKey, _row: unknown, version: number): void => {
    counts.set(version, (counts.get(version) ?? 0) + 1);
  };
  const whole = rows.count() <= limit;
  for (const reverse of whole ? [false] : [false, true]) {
    await nextTurn();
    environment.refresh();
    const most = whole ? limit : Math.floor(limit / 2);
    rows.walk({ headerOnly: true, reverse, limit: most, until: performance.now() + CHUNK_MS }, visit);
    environment.refresh();
  }
  const looked = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { looked, rows: Object.fromEntries(counts) };
}
