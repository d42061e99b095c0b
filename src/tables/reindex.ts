import { structuredEqual } from './equal.ts';
import type { IndexCatalogue, LiveIndex } from './index-catalogue.ts';
import { valuesOf } from './index-spec.ts';
import type { LensChain } from './lens-chain.ts';
import { DAMAGED } from './row-codec.ts';
import type { KeyPart, TableKey } from './types.ts';

/**
 * Keeps the indexes of a table true in the transaction of each write: those of every version, each from the row as its
 * version sees it. A row that a version can't have is in none of its indexes, as it is in none of its scans.
 */
export interface StoredRow {
  readonly row: unknown;
  readonly version: number;
}

export function reindex(
  catalogue: IndexCatalogue,
  table: string,
  chain: LensChain,
  key: TableKey,
  before: StoredRow | undefined,
  after: StoredRow | undefined,
): void {
  for (const index of catalogue.of(table)) {
    if (!chain.has(index.version)) {
      // Left by an upgrade that was given up: a later one builds it anew.
      catalogue.drop(index);
      continue;
    }
    const was = before && valueIn(index, chain, before);
    const is = after && valueIn(index, chain, after);
    if (structuredEqual(was, is)) continue;
    if (was) catalogue.entries.remove(index.id, was, key);
    if (is) catalogue.entries.put(index.id, is, key);
  }
}

/** The row's value in an index; undefined: it is not in it. */
export function valueIn(
  { version, fields }: LiveIndex,
  chain: LensChain,
  stored: StoredRow,
): KeyPart[] | undefined {
  if (stored.row === DAMAGED || stored.row === undefined || !chain.has(stored.version)) return undefined;
  try {
    return valuesOf(fields, chain.view(stored.row as object, stored.version, version));
  } catch {
    // The lens's failure is counted where the write is checked (guard, way back).
    return undefined;
  }
}
