import type { Environment } from './environment.ts';
import type { IndexRange, IndexValue } from './index-reads.ts';
import type { Table } from './table.ts';
import type { RangeOptions, TableCore } from './table-core.ts';
import { TableError } from './table-error.ts';
import type { TableKey } from './types.ts';

/**
 * Several reads and writes as one: serialisable, all or nothing, and everything in it synchronous. All tables of a transaction have
 * one storage, since `ram` and `disc` can't be committed together.
 */
export interface TableTransaction<Row extends object, Key extends TableKey> {
  get(key: Key): Row | undefined;
  has(key: Key): boolean;
  count(): number;
  /** A copy of the rows as they are now: writing while looping over it is safe. */
  range(options?: RangeOptions<Key>): Row[];
  by(index: string, value: IndexValue): Row[];
  rangeBy(index: string, range?: IndexRange): Row[];
  put(row: Row): void;
  putNew(row: Row): boolean;
  update(key: Key, change: (row: Row | undefined) => Row | undefined): Row | undefined;
  delete(key: Key): boolean;
  take(key: Key): Row | undefined;
  updateCounter(key: Key, field: keyof Row & string, by?: number, initial?: Row): number;
}

/** Gives what the transaction may do with a table. */
export type Within = <Row extends object, Key extends TableKey>(
  table: Table<Row, Key>,
) => TableTransaction<Row, Key>;

/** Runs `action` with the tables of `environment`; to be called inside a write transaction of it. */
export function runTransaction<T>(environment: Environment, action: (within: Within) => T): T {
  const state = { over: false };
  try {
    return action((table) => {
      const { core, environment: own } = table.binding;
      if (own !== environment) {
        throw new TableError('wrong_storage', 'a transaction covers tables of one storage, ram or disc', {
          table: table.name,
        });
      }
      return new OpenTransaction(core, state);
    });
  } finally {
    state.over = true;
  }
}

class OpenTransaction<Row extends object, Key extends TableKey> implements TableTransaction<Row, Key> {
  readonly #core: TableCore<Row, Key>;
  readonly #state: { readonly over: boolean };

  constructor(core: TableCore<Row, Key>, state: { readonly over: boolean }) {
    this.#core = core;
    this.#state = state;
  }

  /** What a callback keeps of its transaction must not become a write outside of any. */
  get #table(): TableCore<Row, Key> {
    if (!this.#state.over) return this.#core;
    throw new TableError('transaction_over', 'the transaction is over', { table: this.#core.table });
  }

  get(key: Key): Row | undefined {
    return this.#table.get(key);
  }

  has(key: Key): boolean {
    return this.#table.has(key);
  }

  count(): number {
    return this.#table.count();
  }

  range(options: RangeOptions<Key> = {}): Row[] {
    return [...this.#table.range(options)];
  }

  by(index: string, value: IndexValue): Row[] {
    return this.rangeBy(index, { equal: value });
  }

  rangeBy(index: string, range: IndexRange = {}): Row[] {
    return [...this.#table.rangeBy(index, range)];
  }

  put(row: Row): void {
    this.#table.put(row);
  }

  putNew(row: Row): boolean {
    return this.#table.putNew(row);
  }

  update(key: Key, change: (row: Row | undefined) => Row | undefined): Row | undefined {
    return this.#table.update(key, change);
  }

  delete(key: Key): boolean {
    return this.#table.delete(key);
  }

  take(key: Key): Row | undefined {
    return this.#table.take(key);
  }

  updateCounter(key: Key, field: keyof Row & string, by = 1, initial?: Row): number {
    return this.#table.updateCounter(key, field, by, initial);
  }
}

/**
 * A transaction for code that has tables but not the store:
 * `transaction(notes, (within) => { within(notes).put(note); within(counters).updateCounter('notes', 'value'); })`.
 * @param table any of the tables; its storage is that of the transaction
 */
export function transaction<Row extends object, Key extends TableKey, T>(
  table: Table<Row, Key>,
  action: (within: Within) => T,
): Promise<T> {
  const { environment } = table.binding;
  return environment.transaction(() => runTransaction(environment, action));
}
