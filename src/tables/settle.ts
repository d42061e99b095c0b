import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from './environment.ts';
import type { IndexCatalogue } from './index-catalogue.ts';
import type { LensChain } from './lens-chain.ts';
import { reindex } from './reindex.ts';
import { DAMAGED } from './row-codec.ts';
import type { RowTable } from './row-table.ts';
import type { RowSchema, TableKey } from './types.ts';

/**
 * Rewrites rows of older versions as the current one, at leisure: in transactions of a few milliseconds, with pauses that leave the
 * most of the time to others. It may end at any row and be started anew: rows that are settled are only passed by.
 */
export interface SettleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Share of the time that it may take, 0 to 1. Default 0.2. */
  readonly share?: number | undefined;
  readonly onProgress?: ((progress: SettleProgress) => void) | undefined;
}

export interface SettleProgress {
  readonly table: string;
  readonly looked: number;
  readonly total: number;
  readonly settled: number;
}

export interface SettleReport {
  readonly table: string;
  readonly looked: number;
  readonly settled: number;
  /** Rows that stay as they are: damaged, or their lens fails. */
  readonly left: number;
}

export interface SettledTable {
  readonly name: string;
  readonly version: number;
  readonly schema: RowSchema | undefined;
  readonly chain: LensChain;
  readonly rows: RowTable;
  readonly indexes: IndexCatalogue;
  readonly environment: Environment;
}

const CHUNK_MS = 5;
/** Rows between two looks at the clock: their lenses take time too. */
const PAGE = 16;

export async function settleTable(
  table: SettledTable,
  { signal, share = 0.2, onProgress }: SettleOptions = {},
): Promise<SettleReport> {
  const { environment, rows } = table;
  const counts = { looked: 0, settled: 0, left: 0 };
  const total = rows.count();
  let last: TableKey | undefined;
  do {
    signal?.throwIfAborted();
    const started = performance.now();
    last = await environment.transaction(() => settleChunk(table, last, counts));
    onProgress?.({ table: table.name, ...counts, total });
    const took = performance.now() - started;
    if (last !== undefined) await pause(took / share - took, undefined, { signal });
  } while (last !== undefined);
  return { table: table.name, ...counts };
}

interface Counts {
  looked: number;
  settled: number;
  left: number;
}

function settleChunk(table: SettledTable, after: TableKey | undefined, counts: Counts): TableKey | undefined {
  const end = performance.now() + CHUNK_MS;
  let last = after;
  do last = settlePage(table, last, counts);
  while (last !== undefined && performance.now() < end);
  return last;
}

function settlePage(
  { name, version, schema, chain, rows, indexes }: SettledTable,
  after: TableKey | undefined,
  counts: Counts,
): TableKey | undefined {
  const older: { key: TableKey; row: object; from: number }[] = [];
  const walk = after === undefined ? {} : { start: after, afterStart: true };
  const last = rows.walk({ ...walk, limit: PAGE }, (key, row, from) => {
    counts.looked++;
    if (from === version) return;
    if (row === DAMAGED || !chain.has(from)) counts.left++;
    else if (chain.isNewer(version, from)) older.push({ key, row: row as object, from });
  });
  for (const { key, row, from } of older) {
    try {
      const seen = chain.view(row, from, version);
      const now = schema === undefined ? seen : (schema.parse(seen) as object);
      rows.write(key, version, now);
      // The older versions may see what was rewritten otherwise than what they wrote.
      reindex(indexes, name, chain, key, { row, version: from }, { row: now, version });
      counts.settled++;
    } catch {
      // Its reads name the fault; the row waits as it is.
      counts.left++;
    }
  }
  return last;
}
