import type { Database, Key } from 'lmdb';
import { explainRead } from './bad-pages.ts';
import { cut } from './index-spec.ts';
import type { KeyPart, TableKey } from './types.ts';

/**
 * The entries of all indexes of an environment, in one database: `[index id, ...value, ...key]`. An entry only says where to look:
 * who reads by it compares the row's own value, so that one that was left behind shows no wrong row.
 */
export class IndexEntries {
  readonly #db: Database<number, Key> | undefined;

  constructor(db: Database<number, Key> | undefined) {
    this.#db = db;
  }

  put(id: number, value: readonly KeyPart[], key: TableKey): void {
    void this.#db?.put(entryOf(id, value, key), 1);
  }

  remove(id: number, value: readonly KeyPart[], key: TableKey): void {
    void this.#db?.remove(entryOf(id, value, key));
  }

  /** One page; `last` leads to the next, and is undefined where there is none. */
  page(id: number, fields: number, range: EntryRange, limit: number): EntryPage {
    const entries: Entry[] = [];
    try {
      for (const entry of this.#db?.getKeys(toRange(id, range)) ?? []) {
        const [, ...parts] = entry as KeyPart[];
        const key = parts.slice(fields);
        entries.push({ value: parts.slice(0, fields), key: key.length === 1 ? key[0]! : key });
        if (entries.length === limit) return { entries, last: entry as EntryKey };
      }
      return { entries, last: undefined };
    } catch (error) {
      this.#db?.resetReadTxn();
      throw explainRead(error, { what: 'an index' });
    }
  }

  /** Removes up to `limit` entries of an index; whether there may be more. To be called inside a write transaction. */
  clear(id: number, limit: number): boolean {
    let left = limit;
    for (const entry of [...(this.#db?.getKeys({ ...toRange(id, {}), limit }) ?? [])]) {
      void this.#db?.remove(entry);
      left--;
    }
    return left === 0;
  }
}

/** Sorts after every key part (ordered-binary). */
const MAXIMUM_KEY = new Uint8Array([0xff]);

export type EntryKey = readonly KeyPart[];

export interface Entry {
  /** Cut. */
  readonly value: readonly KeyPart[];
  readonly key: TableKey;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly last: EntryKey | undefined;
}

/** Of values; all bounds as in a table's range. `after`: goes on behind an entry of the page before. */
export interface EntryRange {
  readonly start?: readonly KeyPart[] | undefined;
  readonly end?: readonly KeyPart[] | undefined;
  /** Only entries with exactly these first values. */
  readonly equal?: readonly KeyPart[] | undefined;
  readonly reverse?: boolean | undefined;
  readonly after?: EntryKey | undefined;
}

const entryOf = (id: number, value: readonly KeyPart[], key: TableKey): Key =>
  [id, ...value.map(cut), ...(typeof key === 'object' ? key : [key])] as Key;

const bound = (id: number, value: readonly KeyPart[] = []): unknown[] => [id, ...value.map(cut)];

/** After everything that begins with these values. */
const beyond = (id: number, value: readonly KeyPart[] = []): unknown[] => [...bound(id, value), MAXIMUM_KEY];

function toRange(
  id: number,
  { start, end, equal, reverse = false, after }: EntryRange,
): { start: Key; end: Key } {
  const [low, high] = reverse
    ? [beyond(id, equal ?? start), equal || !end ? bound(id, equal) : beyond(id, end)]
    : [bound(id, equal ?? start), equal || !end ? beyond(id, equal) : bound(id, end)];
  const range = { start: (after ?? low) as Key, end: high as Key, reverse };
  return after ? Object.assign(range, { exclusiveStart: true }) : range;
}
