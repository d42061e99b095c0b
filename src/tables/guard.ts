import { FailureList, type Failures, MAX_REPORTED } from './failure-list.ts';
import type { LensChain } from './lens-chain.ts';
import { checkRow } from './row-check.ts';
import { TableError } from './table-error.ts';
import type { RowSchema, TableKey } from './types.ts';

/**
 * Checks each write of the older version through the lenses of the newer, inside the write's own transaction, so that the scan
 * before an upgrade leaves no backlog. Not strict (before the commit point) a failure is recorded and the write goes through;
 * strict (after it) the write fails by name.
 */
export interface GuardOptions {
  readonly schemas?: Readonly<Record<string, RowSchema>> | undefined;
  readonly strict: boolean;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #tables: ReadonlySet<string>;
  readonly #failures: FailureList;

  /** @param before its failures go on being counted: a guard becomes strict after the commit point */
  constructor(tables: Iterable<string>, options: GuardOptions, before?: Guard) {
    this.#tables = new Set(tables);
    this.#options = options;
    this.#failures = before === undefined ? new FailureList() : before.#failures;
  }

  beforeWrite(table: string, chain: LensChain, key: TableKey, row: object, version: number): void {
    if (!this.#tables.has(table)) return;
    const fault = checkRow(chain, row, version, chain.newest, this.#options.schemas?.[table]);
    if (fault === undefined) this.#failures.clear(table, key);
    else if (this.#options.strict) {
      throw new TableError('guard_failed', `the row can't be seen as version ${chain.newest} (${fault})`, {
        table,
        key,
        version,
      });
    } else this.#failures.add({ table, key, reason: fault });
  }

  beforeRemove(table: string, key: TableKey): void {
    this.#failures.clear(table, key);
  }

  report(): Failures {
    return this.#failures.report(MAX_REPORTED);
  }
}
