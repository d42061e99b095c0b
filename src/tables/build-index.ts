import type { Environment } from './environment.ts';
import type { IndexCatalogue, LiveIndex } from './index-catalogue.ts';
import type { LensChain } from './lens-chain.ts';
import { valueIn } from './reindex.ts';
import type { RowTable } from './row-table.ts';
import type { TableKey } from './types.ts';

/**
 * Puts the rows that were there before an index was declared into it, while all versions go on writing: every writer keeps
 * the index from its declaration on, and each chunk reads its rows in the transaction that writes their entries.
 */
export interface BuildParts {
  readonly environment: Environment;
  readonly catalogue: IndexCatalogue;
  readonly rows: RowTable;
  readonly chain: () => LensChain;
}

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { rows: number; total: number }) => void) | undefined;
}

/** Longest time that a chunk keeps other writers waiting. */
const CHUNK_MS = 10;

export async function buildIndexes(
  { environment, catalogue, rows, chain }: BuildParts,
  indexes: readonly LiveIndex[],
  { signal, onProgress }: BuildOptions = {},
): Promise<void> {
  const total = rows.count();
  let seen = 0;
  let last: TableKey | undefined;
  do {
    signal?.throwIfAborted();
    last = await environment.transaction(() => {
      const lenses = chain();
      const walk = last === undefined ? {} : { start: last, afterStart: true };
      return rows.walk({ ...walk, until: performance.now() + CHUNK_MS }, (key, row, version) => {
        seen++;
        for (const index of indexes) {
          const value = valueIn(index, lenses, { row, version });
          if (value) catalogue.entries.put(index.id, value, key);
        }
      });
    });
    onProgress?.({ rows: seen, total });
  } while (last !== undefined);
  await environment.transaction(() => {
    for (const index of indexes) catalogue.ready(index);
  });
}
