import { FailureList, type Failures, MAX_REPORTED } from './failure-list.ts';
import type { TableKey } from './types.ts';

/** Rows that this process found damaged as it read them. `count` is of rows, not of reads. */
export class DamageReport {
  readonly #rows = new FailureList();

  add(table: string, key: TableKey): void {
    this.#rows.add({ table, key, reason: 'the stored row fails its checksum' });
  }

  clear(table: string, key: TableKey): void {
    this.#rows.clear(table, key);
  }

  clearTable(table: string): void {
    this.#rows.clearTable(table);
  }

  report(): Failures {
    return this.#rows.report(MAX_REPORTED);
  }
}
