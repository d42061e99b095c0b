import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Environment } from './environment.ts';
import type { RowTable } from './row-table.ts';
import type { TableKey } from './types.ts';

/**
 * Goes through a live table in chunks of at most 10 ms, each in a fresh read transaction: a long one would make the file
 * grow for good, and a long chunk would hold up the process. Rows written meanwhile are seen if they lie ahead.
 */
const CHUNK_MS = 10;

export interface ScanOptions {
  readonly headerOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Pauses after each chunk that others have kept from its processor: they have work to do. */
  readonly considerate?: boolean;
  /** After each chunk. */
  readonly onChunk?: (() => void) | undefined;
}

export async function scanRows(
  environment: Environment,
  rows: RowTable,
  visit: (key: TableKey, row: unknown, version: number) => void,
  { headerOnly = false, signal, considerate = false, onChunk }: ScanOptions = {},
): Promise<void> {
  let last: TableKey | undefined;
  do {
    await startChunk(environment, signal);
    const contention = considerate ? new Contention() : undefined;
    const walk = last === undefined ? { headerOnly } : { headerOnly, start: last, afterStart: true };
    last = rows.walk({ ...walk, until: performance.now() + CHUNK_MS }, visit);
    environment.refresh();
    onChunk?.();
    if (last !== undefined) await contention?.yielded(signal);
  } while (last !== undefined);
}

/** As `scanRows`, for the rows of some keys; `visit` gets undefined for one that is not there. */
export async function readRows(
  environment: Environment,
  rows: RowTable,
  keys: readonly TableKey[],
  visit: (key: TableKey, row: unknown, version: number) => void,
  { signal, onChunk }: ScanOptions = {},
): Promise<void> {
  let next = 0;
  while (next < keys.length) {
    await startChunk(environment, signal);
    for (
      const until = performance.now() + CHUNK_MS;
      next < keys.length && performance.now() < until;
      next++
    ) {
      const key = keys[next];
      if (key === undefined) continue;
      const row = rows.read(key);
      visit(key, row, rows.version);
    }
    environment.refresh();
    onChunk?.();
  }
}

async function startChunk(environment: Environment, signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
  environment.refresh();
}

/** Of what a chunk took, the part in which it had no processor. */
const CONTENDED = 0.15;
/** Times what the chunk took. */
const PAUSE = 3;

class Contention {
  readonly #at = performance.now();
  readonly #cpu = process.cpuUsage();

  async yielded(signal: AbortSignal | undefined): Promise<void> {
    const took = performance.now() - this.#at;
    const { user, system } = process.cpuUsage(this.#cpu);
    if (took - (user + system) / 1_000 > took * CONTENDED) await pause(took * PAUSE, undefined, { signal });
  }
}
