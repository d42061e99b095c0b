import { type Fields, structuredEqual } from './equal.ts';
import type { IndexCatalogue } from './index-catalogue.ts';
import { type IndexRange, rowsBy } from './index-reads.ts';
import { checkKey, endOfPrefix, keysEqual } from './key.ts';
import type { LensChain } from './lens-chain.ts';
import { reindex, type StoredRow } from './reindex.ts';
import { DAMAGED } from './row-codec.ts';
import type { RowTable, WalkOptions } from './row-table.ts';
import { unknownVersion, type Viewpoint, viewRow } from './row-view.ts';
import { TableError } from './table-error.ts';
import type { Binding, RowSchema, TableKey, TableShape } from './types.ts';
import { refusePromise } from './write-scope.ts';

/**
 * One table as one version of the code sees it: everything synchronous that can be done with its rows. Rows written as
 * other versions are seen through the lenses; a write over a newer row is written back through them. The writing
 * methods only run inside a write transaction of the table's environment.
 */
export interface TableContext {
  readonly shape: TableShape;
  readonly rows: RowTable;
  readonly chain: () => LensChain;
  /** Called inside the write transaction, before the write; may refuse it by throwing. */
  readonly beforeWrite: (key: TableKey, row: object, version: number) => void;
  readonly beforeRemove: (key: TableKey) => void;
  readonly onDamage: (key: TableKey) => void;
  readonly onSkip: (key: TableKey) => void;
  readonly indexes: IndexCatalogue;
  readonly changed: (key: TableKey) => void;
}

export interface RangeOptions<Key extends TableKey = TableKey> {
  /** Inclusive; with `reverse` the greatest key. */
  readonly start?: Key | undefined;
  /** Exclusive; with `reverse` it lies below. */
  readonly end?: Key | undefined;
  /** String keys that begin so; without `start` and `end`. */
  readonly prefix?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** Rows are read in pages, so that a loop that waits in its body holds no snapshot (a held one makes the file grow). */
const PAGE = 128;

export class TableCore<Row extends object, Key extends TableKey> implements Binding, Viewpoint {
  readonly shape: TableShape;
  readonly table: string;
  readonly version: number;
  readonly schema: RowSchema | undefined;
  readonly #context: TableContext;
  readonly #rows: RowTable;

  constructor(context: TableContext) {
    this.shape = context.shape;
    this.table = context.shape.name;
    this.version = context.shape.version;
    this.schema = context.shape.schema;
    this.#context = context;
    this.#rows = context.rows;
  }

  get chain(): LensChain {
    return this.#context.chain();
  }

  get(key: Key): Row | undefined {
    const stored = this.#rows.read(checkKey(this.table, key));
    if (stored === undefined) return undefined;
    return this.#rows.version === this.version
      ? (stored as Row)
      : this.#view(key, stored, this.#rows.version);
  }

  /** The row for who is told of its change; undefined where this version can't have it. */
  seen(key: Key): { key: Key; row: Row | undefined } | undefined {
    const stored = this.#rows.read(key);
    if (stored === undefined) return { key, row: undefined };
    const row = this.#viewInScan(key, stored, this.#rows.version);
    return row && { key, row };
  }

  has(key: Key): boolean {
    return this.#rows.has(checkKey(this.table, key));
  }

  count(): number {
    return this.#rows.count();
  }

  /** Reads the first and the last row as they are stored; false, and their damage noted, where one fails its checksum. */
  probe(): boolean {
    let whole = true;
    for (const reverse of [false, true])
      this.#rows.walk({ reverse, limit: 1 }, (key, stored) => {
        if (stored !== DAMAGED) return;
        whole = false;
        this.#context.onDamage(key);
      });
    return whole;
  }

  *range(options: RangeOptions<Key> = {}): Generator<Row, void, undefined> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let walk: WalkOptions | undefined = this.#toWalk(options);
    while (walk !== undefined && left > 0) {
      const page: Row[] = [];
      const last: TableKey | undefined = this.#rows.walk(
        { ...walk, limit: Math.min(PAGE, left) },
        (key, stored, version) => {
          const row = this.#viewInScan(key, stored, version);
          if (row !== undefined) page.push(row);
        },
      );
      for (const row of page) {
        yield row;
        if (--left === 0) return;
      }
      walk = last === undefined ? undefined : { ...walk, start: last, afterStart: true };
    }
  }

  /** In the order of the index, then of the keys. */
  *rangeBy(name: string, range: IndexRange): Generator<Row, void, undefined> {
    const { indexes } = this.#context;
    yield* rowsBy(indexes, this.shape, name, range, (key) => this.#seenAt(key));
  }

  #seenAt(key: TableKey): Row | undefined {
    const stored = this.#rows.read(key);
    return stored === undefined ? undefined : this.#viewInScan(key, stored, this.#rows.version);
  }

  put(row: Row): void {
    const [key, parsed] = this.#parse(row);
    this.#store(key, parsed);
  }

  /** False, and nothing written, if the key is there already. */
  putNew(row: Row): boolean {
    const [key, parsed] = this.#parse(row);
    if (this.#rows.has(key)) return false;
    this.#store(key, parsed);
    return true;
  }

  /** Writes what `change` makes of the row (undefined if there is none); undefined from `change` writes nothing. */
  update(key: Key, change: (row: Row | undefined) => Row | undefined): Row | undefined {
    const changed = refusePromise(change(this.get(key)));
    if (changed === undefined) return undefined;
    const [newKey, parsed] = this.#parse(changed);
    if (!keysEqual(newKey, checkKey(this.table, key))) {
      throw new TableError('bad_row', 'an update must keep the key of the row', { table: this.table, key });
    }
    this.#store(newKey, parsed);
    return parsed;
  }

  delete(key: Key): boolean {
    const checked = checkKey(this.table, key);
    if (!this.#rows.has(checked)) return false;
    this.#context.beforeRemove(checked);
    this.#reindex(checked, undefined);
    this.#rows.remove(checked);
    this.#context.changed(checked);
    return true;
  }

  take(key: Key): Row | undefined {
    const row = this.get(key);
    if (row !== undefined) this.delete(key);
    return row;
  }

  /** Adds to a numeric field; a row that is missing starts as `initial`, to which is added too. */
  updateCounter(key: Key, field: keyof Row & string, by: number, initial?: Row): number {
    const row = (this.get(key) ?? initial) as Fields | undefined;
    const value = row?.[field];
    if (row === undefined || typeof value !== 'number') {
      const found = row === undefined ? 'there is no row' : `its field ${field} is no number`;
      throw new TableError('bad_row', `the counter can't be updated: ${found}`, { table: this.table, key });
    }
    this.update(key, () => ({ ...row, [field]: value + by }) as unknown as Row);
    return value + by;
  }

  #parse(row: Row): [Key, Row] {
    const field = this.shape.key;
    if (typeof row !== 'object' || row === null) {
      throw new TableError('bad_row', 'a row is an object', { table: this.table });
    }
    const key = checkKey(this.table, (row as Fields)[field] as Key);
    if (this.schema === undefined) return [key, row];
    let parsed: Row;
    try {
      parsed = refusePromise(this.schema.parse(row)) as Row;
    } catch (cause) {
      throw new TableError('bad_row', 'the row violates the schema of its table', {
        table: this.table,
        key,
        cause,
      });
    }
    if (!structuredEqual((parsed as Fields)[field], key)) {
      throw new TableError('bad_row', 'the schema changed the key of the row', { table: this.table, key });
    }
    return [key, parsed];
  }

  #store(key: Key, row: Row): void {
    const before = this.#rows.peek(key);
    const [stored, version] = this.#overNewer(key, row, before);
    this.#context.beforeWrite(key, stored, version);
    this.#reindex(key, { row: stored, version });
    this.#rows.write(key, version, stored);
    this.#context.changed(key);
  }

  /** Before the row is written or removed. */
  #reindex(key: TableKey, after: StoredRow | undefined): void {
    const { indexes } = this.#context;
    if (indexes.of(this.table).length === 0) return;
    const row = this.#rows.read(key);
    const before = row === undefined ? undefined : { row, version: this.#rows.version };
    reindex(indexes, this.table, this.chain, key, before, after);
  }

  /** What is stored, and as which version: a newer row keeps its version and what this version does not know of it. */
  #overNewer(key: Key, row: Row, before: number): [object, number] {
    if (before === 0 || before === this.version) return [row, this.version];
    if (!this.chain.has(before)) throw unknownVersion(this, key, before);
    if (!this.chain.isNewer(before, this.version)) return [row, this.version];
    const newer = this.#rows.read(key);
    if (newer === DAMAGED) this.#view(key, newer, before);
    try {
      return [this.chain.putBack(row, this.version, newer as object, before), before];
    } catch (cause) {
      throw new TableError('put_back_failed', `the row can't be written over that of version ${before}`, {
        table: this.table,
        key,
        version: before,
        cause,
      });
    }
  }

  #view(key: TableKey, stored: unknown, version: number): Row {
    if (stored === DAMAGED) this.#context.onDamage(key);
    return viewRow(this, key, stored, version) as Row;
  }

  /** A scan passes by the rows that an older version can't have; all other faults end it. */
  #viewInScan(key: TableKey, stored: unknown, version: number): Row | undefined {
    if (version === this.version && stored !== DAMAGED) return stored as Row;
    try {
      return this.#view(key, stored, version);
    } catch (error) {
      if (!(error instanceof TableError) || error.code !== 'way_back') throw error;
      this.#context.onSkip(key);
      return undefined;
    }
  }

  #toWalk({ start, end, prefix, reverse = false }: RangeOptions<Key>): WalkOptions {
    if (prefix !== undefined && (start !== undefined || end !== undefined)) {
      throw new TableError('bad_key', 'a range has a prefix or a start and end, not both', {
        table: this.table,
      });
    }
    if (prefix === undefined || prefix === '') {
      const check = (key: Key | undefined) => (key === undefined ? undefined : checkKey(this.table, key));
      return { start: check(start), end: check(end), reverse };
    }
    const from = checkKey<TableKey>(this.table, prefix);
    const to = endOfPrefix(prefix);
    return reverse
      ? { start: to, afterStart: true, end: from, endInclusive: true, reverse }
      : { start: from, end: to };
  }
}
