import type { Database, Key } from 'lmdb';
import { encodeRow, type RowDecoder } from './row-codec.ts';
import type { TableKey } from './types.ts';

/**
 * One table's rows in LMDB, as they are stored: nothing here knows of lenses or schemas. Reads are synchronous; writes only
 * happen inside a write transaction of the table's environment.
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

  constructor(db: Database<unknown, Key>, decoder: RowDecoder) {
    this.#db = db;
    this.#decoder = decoder;
  }

  get version(): number {
    return this.#decoder.version;
  }

  read(key: TableKey): unknown {
    return this.#db.get(key as Key);
  }

  peek(key: TableKey): number {
    this.#decoder.version = 0;
    this.#decoder.headerOnly = true;
    try {
      this.#db.get(key as Key);
      return this.#decoder.version;
    } finally {
      this.#decoder.headerOnly = false;
    }
  }

  has(key: TableKey): boolean {
    return this.#db.doesExist(key as Key);
  }

  count(): number {
    return statsOf(this.#db).entryCount;
  }

  bytes(): number {
    return treeBytes(statsOf(this.#db));
  }

  walk(
    options: WalkOptions,
    visit: (key: TableKey, row: unknown, version: number) => void,
  ): TableKey | undefined {
    const { until, limit } = options;
    const decoder = this.#decoder;
    let visited = 0;
    decoder.headerOnly = options.headerOnly ?? false;
    try {
      for (const { key, value } of this.#db.getRange(toRange(options))) {
        visit(key as TableKey, value, decoder.version);
        if (++visited === limit) return key as TableKey;
        if (until !== undefined && performance.now() >= until) return key as TableKey;
      }
      return undefined;
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
};
