import type { Environment } from './environment.ts';
import type { IndexRange, IndexValue } from './index-reads.ts';
import { indexShapes } from './index-spec.ts';
import type { RangeOptions, TableCore } from './table-core.ts';
import { TableError } from './table-error.ts';
import type {
  AnyTable,
  Binding,
  IndexSpec,
  KeyOf,
  RowSchema,
  Storage,
  TableKey,
  TableShape,
  TableSpec,
  TableType,
} from './types.ts';

/** `row` is undefined where it was deleted. */
export interface RowChange<Row, Key> {
  readonly key: Key;
  readonly row: Row | undefined;
}

/**
 * A handle on a table, made at module level before any store is open; it works from `store.attach` until the store is
 * closed. Reads are synchronous. Writes are promises that resolve when the write is as durable as the table's storage
 * promises: `disc` when it is flushed, `ram` when other processes see it.
 */
export class Table<Row extends object, Key extends TableKey> implements AnyTable {
  readonly name: string;
  readonly version: number;
  readonly key: keyof Row & string;
  readonly storage: Storage;
  readonly type: TableType;
  readonly index: readonly IndexSpec<keyof Row & string>[];
  readonly schema?: RowSchema<Row>;
  #bound: TableBinding<Row, Key> | undefined;

  constructor(spec: TableSpec<Row>) {
    checkSpec(spec);
    this.name = spec.name;
    this.version = spec.version;
    this.key = spec.key;
    this.storage = spec.storage;
    this.type = spec.type ?? 'set';
    this.index = spec.index ?? [];
    if (spec.schema !== undefined) this.schema = spec.schema;
  }

  bind(binding: Binding | undefined): void {
    if (binding !== undefined && !(binding instanceof TableBinding)) {
      throw new TypeError('a table is attached by a store of its own kind');
    }
    this.#bound = binding;
  }

  /** The store that the handle is attached to, as its transactions need it. */
  get binding(): TableBinding<Row, Key> {
    if (this.#bound !== undefined) return this.#bound;
    throw new TableError('not_attached', 'the table was used before it was attached to an open store', {
      table: this.name,
    });
  }

  get(key: Key): Row | undefined {
    return this.binding.core.get(key);
  }

  /** In the order of `keys`, all from one snapshot. */
  getMany(keys: readonly Key[]): (Row | undefined)[] {
    const { core } = this.binding;
    return keys.map((key) => core.get(key));
  }

  has(key: Key): boolean {
    return this.binding.core.has(key);
  }

  /** Of all rows; takes the same time for ten and for ten million. */
  count(): number {
    return this.binding.core.count();
  }

  /** In key order. A loop that does not wait sees one snapshot; one that does goes on from the last key in a newer one. */
  range(options: RangeOptions<Key> = {}): Generator<Row, void, undefined> {
    return this.binding.core.range(options);
  }

  /** The rows whose values in the index are these, in key order. @param index a field, or several joined by `+` */
  by(index: string, value: IndexValue): Row[] {
    return [...this.binding.core.rangeBy(index, { equal: value })];
  }

  /**
   * In the order of the index's values, then of the keys; as `range` otherwise. Of strings the first 192 characters count in the
   * order and in `start` and `end`. Rows that hold no string, finite number or boolean there are not in the index.
   */
  rangeBy(index: string, range: IndexRange = {}): Generator<Row, void, undefined> {
    return this.binding.core.rangeBy(index, range);
  }

  /**
   * Tells of each row that any process of the node has changed, after the commit; a row that was written several times in
   * between is told once, as it is then. Rows that this version can't have are left out. A listener that throws is an uncaught
   * exception. Changes while nothing of this process runs (its runner was restarted, or parked), and those of other processes before they have
   * heard of the subscription, are not told: read the table first, and again when a server is resumed.
   * @returns a function that ends it
   */
  subscribe(listener: (change: RowChange<Row, Key>) => void): () => void {
    const { core, environment } = this.binding;
    return environment.changes.subscribe(this.name, (keys) => {
      for (const key of keys as readonly Key[]) {
        const change = core.seen(key);
        if (change) listener(change);
      }
    });
  }

  put(row: Row): Promise<void> {
    const { core, environment } = this.binding;
    return environment.write(() => core.put(row));
  }

  /** False, and nothing written, if there is a row with this key. */
  putNew(row: Row): Promise<boolean> {
    const { core, environment } = this.binding;
    return environment.write(() => core.putNew(row));
  }

  /**
   * Reads, changes and writes with nothing in between. `change` is synchronous, is given undefined where there is no row, and
   * writes nothing by returning undefined. The result is what was written.
   */
  update(key: Key, change: (row: Row | undefined) => Row | undefined): Promise<Row | undefined> {
    const { core, environment } = this.binding;
    return environment.write(() => core.update(key, change));
  }

  /** Whether there was a row to delete. */
  delete(key: Key): Promise<boolean> {
    const { core, environment } = this.binding;
    return environment.write(() => core.delete(key));
  }

  /** Deletes the row and gives it back. */
  take(key: Key): Promise<Row | undefined> {
    const { core, environment } = this.binding;
    return environment.write(() => core.take(key));
  }

  /** Adds to a numeric field and gives the sum. Without `initial` a missing row is an error. */
  updateCounter(key: Key, field: keyof Row & string, by = 1, initial?: Row): Promise<number> {
    const { core, environment } = this.binding;
    return environment.write(() => core.updateCounter(key, field, by, initial));
  }
}

/** A handle's tie to a store. */
export class TableBinding<Row extends object, Key extends TableKey> implements Binding {
  readonly core: TableCore<Row, Key>;
  readonly environment: Environment;

  constructor(core: TableCore<Row, Key>, environment: Environment) {
    this.core = core;
    this.environment = environment;
  }

  get shape(): TableCore<Row, Key>['shape'] {
    return this.core.shape;
  }
}

/** Declares a table: `export const notes = table<Note>({ name: 'notes', version: 1, key: 'id', storage: 'disc' })`. */
export function table<Row extends object, Key extends TableKey = KeyOf<Row>>(
  spec: TableSpec<Row>,
): Table<Row, Key> {
  return new Table<Row, Key>(spec);
}

const NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/;

function checkSpec(shape: TableShape): void {
  const { name, version, key, storage, type } = shape;
  const refuse = (sentence: string): never => {
    throw new TableError('bad_table', sentence, { table: String(name) });
  };
  if (typeof name !== 'string' || !NAME.test(name)) {
    refuse('a table name begins with a letter and has at most 64 letters, digits and _ . : -');
  }
  if (!Number.isInteger(version) || version < 1 || version > 0xffff) refuse('its version is 1…65535');
  if (typeof key !== 'string' || key === '') refuse('its key is the name of a field');
  if (storage !== 'ram' && storage !== 'disc') refuse("its storage is 'ram' or 'disc'");
  if (type !== undefined && type !== 'set' && type !== 'ordered_set')
    refuse("its type is 'set' or 'ordered_set'");
  indexShapes(shape);
}
