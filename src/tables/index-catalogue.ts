import type { Database, Key } from 'lmdb';
import type { IndexEntries } from './index-entries.ts';
import { type IndexShape, indexShapes } from './index-spec.ts';
import type { Stamp } from './stamp.ts';
import type { AnyTable } from './types.ts';

/**
 * Which indexes an environment has: each belongs to one version of a table, and every writer of every version keeps it from
 * the moment that it is declared. One that a writer can't keep leaves the catalogue in that writer's own transaction.
 *
 *     declare ──► building ── all rows seen ──► ready ── its version is not returned to ──► dropped
 */
export interface LiveIndex extends IndexShape {
  /** Never used again after it is dropped: entries that are left of it belong to nobody. */
  readonly id: number;
  readonly table: string;
  readonly version: number;
  readonly state: 'building' | 'ready';
}

type Record = Pick<LiveIndex, 'id' | 'fields' | 'state'>;

/** The id of the last index that was declared. */
const LAST_ID = '$last_id';
const DROPPED = '$dropped';

export class IndexCatalogue {
  readonly entries: IndexEntries;
  readonly #records: Database<Record | number, Key> | undefined;
  readonly #stamp: Stamp;
  #seen: number | undefined = -1;
  #live = new Map<string, LiveIndex[]>();

  constructor(records: Database<Record | number, Key> | undefined, entries: IndexEntries, stamp: Stamp) {
    this.#records = records;
    this.entries = entries;
    this.#stamp = stamp;
  }

  /** The indexes of a table as they are now, of all its versions. */
  of(table: string): readonly LiveIndex[] {
    this.#follow();
    return this.#live.get(table) ?? NONE;
  }

  find(table: string, version: number, name: string): LiveIndex | undefined {
    return this.of(table).find((index) => index.version === version && index.name === name);
  }

  all(): LiveIndex[] {
    this.#follow();
    return [...this.#live.values()].flat();
  }

  /** Enters the indexes that a table declares and that are new; `empty`: it has no rows to be seen first. In a write transaction. */
  declare(table: AnyTable, empty: boolean): void {
    for (const shape of indexShapes(table)) {
      const known = this.find(table.name, table.version, shape.name);
      if (known) continue;
      const id = ((this.#records?.get(LAST_ID) as number | undefined) ?? 0) + 1;
      void this.#records?.put(LAST_ID, id);
      this.#put({
        ...shape,
        id,
        table: table.name,
        version: table.version,
        state: empty ? 'ready' : 'building',
      });
    }
  }

  /** All rows have been seen. In a write transaction. */
  ready(index: LiveIndex): void {
    if (this.find(index.table, index.version, index.name)?.id !== index.id) return;
    this.#put({ ...index, state: 'ready' });
  }

  /** The id of an index that is built beside one that is in use, to take its place. In a write transaction. */
  newId(): number {
    const id = ((this.#records?.get(LAST_ID) as number | undefined) ?? 0) + 1;
    void this.#records?.put(LAST_ID, id);
    return id;
  }

  /** From now on the index has the entries of `id`. In a write transaction. */
  replace(index: LiveIndex, id: number): void {
    this.drop(index);
    this.#put({ ...index, id, state: 'ready' });
  }

  /** In a write transaction. What is left of its entries is cleared by `clearDropped`. */
  drop({ id, table, version, name }: LiveIndex): void {
    this.#stamp.change();
    void this.#records?.remove([table, version, name]);
    void this.#records?.put([DROPPED, id], id);
  }

  /** Removes up to `limit` entries of dropped indexes; whether there may be more. In a write transaction. */
  clearDropped(limit: number): boolean {
    for (const { key, value } of [
      ...(this.#records?.getRange({ start: [DROPPED], end: [DROPPED, '\uffff'] }) ?? []),
    ]) {
      if (this.entries.clear(value as number, limit)) return true;
      void this.#records?.remove(key);
    }
    return false;
  }

  #put({ table, version, name, id, fields, state }: LiveIndex): void {
    this.#stamp.change();
    void this.#records?.put([table, version, name], { id, fields, state });
  }

  #follow(): void {
    const stamp = this.#stamp.read();
    if (stamp === this.#seen) return;
    this.#live = new Map();
    for (const { key, value } of this.#records?.getRange() ?? []) {
      if (typeof value === 'number') continue;
      const [table, version, name] = key as [string, number, string];
      const indexes = this.#live.get(table) ?? [];
      indexes.push({ table, version, name, ...value });
      this.#live.set(table, indexes);
    }
    this.#seen = stamp;
  }
}

const NONE: readonly LiveIndex[] = [];
