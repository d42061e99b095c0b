import type { Database, Key } from 'lmdb';
import { type Failures, MAX_REPORTED, type RowFailure } from './failure-list.ts';
import type { LensChain } from './lens-chain.ts';
import { checkRow } from './row-check.ts';
import type { RowSchema, TableKey } from './types.ts';

/** The version that a rollback would return to, by table name. */
export type WayBackTargets = Readonly<
  Record<string, { readonly version: number; readonly schema?: RowSchema }>
>;

/**
 * Keeps the way back open: each write by the newer version is also seen as the older one would. The rows for which that
 * fails are recorded in the environment of their table, in the write's own transaction, so that they are known after
 * a crash of the process that wrote them; a row that is written well, or deleted, leaves the record.
 */
export class WayBack {
  readonly #records: Database<string, Key> | undefined;
  #targets: WayBackTargets = {};

  constructor(records: Database<string, Key> | undefined) {
    this.#records = records;
  }

  keep(targets: WayBackTargets): void {
    this.#targets = targets;
  }

  beforeWrite(table: string, chain: () => LensChain, key: TableKey, row: object, version: number): void {
    const target = this.#targets[table];
    const fault =
      target === undefined || target.version === version
        ? undefined
        : checkRow(chain(), row, version, target.version, target.schema);
    if (fault === undefined) this.beforeRemove(table, key);
    else void this.#records?.put(recordKey(table, key), fault);
  }

  beforeRemove(table: string, key: TableKey): void {
    const record = recordKey(table, key);
    if (this.#records?.doesExist(record)) void this.#records.remove(record);
  }

  report(): Failures {
    const failures: RowFailure[] = [];
    let count = 0;
    for (const { key, value } of this.#records?.getRange() ?? []) {
      if (count++ < MAX_REPORTED) failures.push({ ...fromRecordKey(key as Key[]), reason: value });
    }
    return { count, failures };
  }

  /** Of a table whose rows were replaced. To be called inside a write transaction. */
  forgetTable(table: string): void {
    for (const key of [...(this.#records?.getKeys() ?? [])])
      if (Array.isArray(key) && key[0] === table) void this.#records?.remove(key);
  }

  /** To be called inside a write transaction. */
  forget(): void {
    for (const key of [...(this.#records?.getKeys() ?? [])]) void this.#records?.remove(key);
  }
}

const recordKey = (table: string, key: TableKey): Key =>
  [table, ...(typeof key === 'object' ? key : [key])] as Key;

function fromRecordKey([table, ...parts]: readonly Key[]): { table: string; key: TableKey } {
  return { table: table as string, key: (parts.length === 1 ? parts[0] : parts) as TableKey };
}
