import type { Database, Key } from 'lmdb';
import { explainRead } from './bad-pages.ts';
import { keysEqual } from './key.ts';
import { DAMAGED, encodeRow, type RowDecoder } from './row-codec.ts';
import type { TableKey } from './types.ts';

/**
 * One table's rows in LMDB, as they are stored: nothing here knows of lenses or schemas. Reads are synchronous; writes only
 * happen inside a write transaction of the table's environment. LMDB's pages have no checksum, and a row's does not cover where it
 * stands: so a row is whole only if it stands under the key that it holds.
 */
export interface RowTable {
  /** The row as stored, DAMAGED, or undefined; `version` is then that of this row. */
  read(key: TableKey): unknown;
  /** The version of the row decoded last; 0 if damaged. */
  readonly version: number;
  /** The version of a stored row without reading it; 0 if there is no such row. */
  peek(key: TableKey): number;
  has(key: TableKey): boolean;
  count(): number;
  /** Of its pages in the file, all rows and keys included. */
  bytes(): number;
  /** Visits rows in key order. The result is the last key visited if a limit ended the walk, else undefined. */
  walk(
    options: WalkOptions,
    visit: (key: TableKey, row: unknown, version: number) => void,
  ): TableKey | undefined;
  write(key: TableKey, version: number, row: object): void;
  remove(key: TableKey): void;
  /** Says whose rows they are; until then rows are not held against their keys. */
  belongTo(owner: RowOwner): void;
}

/** `key` is the field that holds a row's key. */
export interface RowOwner {
  readonly table: string;
  readonly key: string;
}

export interface WalkOptions {
  readonly start?: TableKey | undefined;
  readonly afterStart?: boolean;
  /** Exclusive unless `endInclusive`. */
  readonly end?: TableKey | undefined;
  readonly endInclusive?: boolean;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** On the clock of `performance.now()`. */
  readonly until?: number;
  /** Versions only: `row` is undefined, and checksums are not looked at. */
  readonly headerOnly?: boolean;
}

export class StoredRows implements RowTable {
  readonly #db: Database<unknown, Key>;
  readonly #decoder: RowDecoder;
  #owner: RowOwner | undefined;

  constructor(db: Database<unknown, Key>, decoder: RowDecoder) {
    this.#db = db;
    this.#decoder = decoder;
  }

  belongTo(owner: RowOwner): void {
    this.#owner = owner;
  }

  get version(): number {
    return this.#decoder.version;
  }

  read(key: TableKey): unknown {
    let row: unknown;
    try {
      row = this.#db.get(key as Key);
    } catch (error) {
      throw this.#unreadable(error, key);
    }
    return row === undefined || this.#isAt(key, row) ? row : this.#damaged();
  }

  peek(key: TableKey): number {
    this.#decoder.version = 0;
    this.#decoder.headerOnly = true;
    try {
      this.#db.get(key as Key);
      return this.#decoder.version;
    } catch (error) {
      throw this.#unreadable(error, key);
    } finally {
      this.#decoder.headerOnly = false;
    }
  }

  has(key: TableKey): boolean {
    return this.#explained(() => this.#db.doesExist(key as Key), key);
  }

  count(): number {
    return this.#explained(() => statsOf(this.#db).entryCount);
  }

  bytes(): number {
    return this.#explained(() => treeBytes(statsOf(this.#db)));
  }

  walk(
    options: WalkOptions,
    visit: (key: TableKey, row: unknown, version: number) => void,
  ): TableKey | undefined {
    const { until, limit } = options;
    const decoder = this.#decoder;
    const headerOnly = options.headerOnly ?? false;
    let visited = 0;
    let reading = true;
    decoder.headerOnly = headerOnly;
    try {
      for (const { key, value } of this.#db.getRange(toRange(options)) as Iterable<StoredEntry>) {
        reading = false;
        const row = headerOnly || this.#isAt(key, value) ? value : this.#damaged();
        visit(key, row, decoder.version);
        if (++visited === limit) return key;
        if (until !== undefined && performance.now() >= until) return key;
        reading = true;
      }
      return undefined;
    } catch (error) {
      throw reading ? this.#unreadable(error) : error;
    } finally {
      decoder.headerOnly = false;
    }
  }

  write(key: TableKey, version: number, row: object): void {
    void this.#db.put(key as Key, encodeRow(version, row));
  }

  remove(key: TableKey): void {
    void this.#db.remove(key as Key);
  }

  #isAt(key: TableKey, row: unknown): boolean {
    if (this.#owner === undefined || row === DAMAGED) return true;
    const held = (row as Record<string, unknown>)[this.#owner.key];
    return held === key || keysEqual(held, key);
  }

  #damaged(): typeof DAMAGED {
    this.#decoder.version = 0;
    return DAMAGED;
  }

  #explained<T>(read: () => T, key?: TableKey): T {
    try {
      return read();
    } catch (error) {
      throw this.#unreadable(error, key);
    }
  }

  #unreadable(cause: unknown, key?: TableKey): unknown {
    this.#db.resetReadTxn(); // LMDB refuses every further read of this snapshot, of whole tables too
    return explainRead(cause, { what: 'what is stored', table: this.#owner?.table, key });
  }
}

interface StoredEntry {
  readonly key: TableKey;
  readonly value: unknown;
}

/** What LMDB says of one of its trees. */
interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

/** Of a database, and of the environment that it is in. Takes the same time for ten rows and for ten million. */
export interface DatabaseStats extends TreeStats {
  readonly root: TreeStats;
  readonly free: TreeStats;
  readonly lastTxnId: number;
}

export function statsOf(db: Pick<Database<unknown, Key>, 'doesExist' | 'getStats'>): DatabaseStats {
  db.doesExist(0); // statistics need a read transaction, and only a read begins one
  return db.getStats() as DatabaseStats;
}

export const treeBytes = (tree: TreeStats): number =>
  (tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages) * tree.pageSize;

/** None of one that another process has dropped. */
export function bytesOf(db: Database<unknown, Key>): number {
  try {
    return treeBytes(statsOf(db));
  } catch {
    return 0;
  }
}

function toRange({ start, afterStart, end, endInclusive, reverse }: WalkOptions): Record<string, unknown> {
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(endInclusive ? { inclusiveEnd: true } : {}),
    ...(afterStart ? { exclusiveStart: true } : {}),
    ...(reverse ? { reverse } : {}),
  };
}

/** A table that a store opened read-only does not hold yet. */
export const NO_ROWS: RowTable = {
  version: 0,
  read: () => undefined,
  peek: () => 0,
  has: () => false,
  count: () => 0,
  bytes: () => 0,
  walk: () => undefined,
  write: () => undefined,
  remove: () => undefined,
  belongTo: () => undefined,
};
