import { keyId } from './key.ts';
import type { KeyPart, TableKey } from './types.ts';

/** A row that a check found wrong, and why. */
export interface RowFailure {
  readonly table: string;
  readonly key: TableKey;
  readonly reason: string;
}

/** `count` is exact; of the failures themselves at most some are kept. */
export interface Failures {
  readonly count: number;
  readonly failures: readonly RowFailure[];
}

/** Which rows fail now: a row that is written well, or deleted, no longer does. Bounded by the number of failing rows. */
export class FailureList {
  readonly #tables = new Map<string, Map<KeyPart, RowFailure>>();

  add(failure: RowFailure): void {
    const rows = this.#tables.get(failure.table) ?? new Map<KeyPart, RowFailure>();
    rows.set(keyId(failure.key), failure);
    this.#tables.set(failure.table, rows);
  }

  clear(table: string, key: TableKey): void {
    this.#tables.get(table)?.delete(keyId(key));
  }

  /** Its rows were replaced. */
  clearTable(table: string): void {
    this.#tables.delete(table);
  }

  report(limit: number): Failures {
    const failures = [...this.#tables.values()].flatMap((rows) => [...rows.values()]);
    return { count: failures.length, failures: failures.slice(0, limit) };
  }
}

export const MAX_REPORTED = 1_000;
