import type { Database, Key } from 'lmdb';
import type { Environment } from './environment.ts';
import type { Stamp } from './stamp.ts';
import { TableError } from './table-error.ts';
import type { Storage, TableShape, TableType } from './types.ts';

/**
 * Which tables an environment holds, with what no version of a table may change: key field and type. So tables can be
 * listed, counted and checked by processes that have no handle on them.
 */
export interface TableEntry {
  readonly name: string;
  readonly key: string;
  readonly type: TableType;
  readonly storage: Storage;
}

/** `place`: the database in which the rows are, where a restore has put them into another one than that of the table's name. */
type Entry = Pick<TableEntry, 'key' | 'type'> & { readonly place?: string };

export const CATALOGUE = '$tables';

export class Catalogue {
  readonly #environment: Environment;
  readonly #records: Database<Entry, Key> | undefined;
  readonly #storage: Storage;

  readonly #stamp: Stamp;

  private constructor(
    environment: Environment,
    records: Database<Entry, Key> | undefined,
    storage: Storage,
    stamp: Stamp,
  ) {
    this.#environment = environment;
    this.#records = records;
    this.#storage = storage;
    this.#stamp = stamp;
  }

  static async open(environment: Environment, storage: Storage, stamp: Stamp): Promise<Catalogue> {
    return new Catalogue(environment, await environment.openRecords<Entry>(CATALOGUE), storage, stamp);
  }

  list(): TableEntry[] {
    const entries = this.#records?.getRange() ?? [];
    return [...entries].map(({ key, value }) => this.#entry(key as string, value));
  }

  find(name: string): TableEntry | undefined {
    const entry = this.#records?.get(name);
    return entry && this.#entry(name, entry);
  }

  #entry(name: string, { key, type }: Entry): TableEntry {
    return { name, storage: this.#storage, key, type };
  }

  /** Name of the database that holds the table's rows. */
  placeOf(name: string): string {
    return this.#records?.get(name)?.place ?? name;
  }

  /** From now on the table's rows are in another place. In a write transaction. */
  move({ name, key, type }: TableEntry, place: string): void {
    void this.#records?.put(name, { key, type, place });
    this.#stamp.change();
  }

  /** Enters the tables that are new; refuses one that is there with another key field or type. */
  async enter(shapes: readonly TableShape[]): Promise<void> {
    const missing = shapes.filter((shape) => !this.#knows(shape));
    if (missing.length === 0 || this.#environment.readOnly) return;
    await this.#environment.transaction(() => {
      for (const shape of missing) {
        if (!this.#knows(shape)) void this.#records?.put(shape.name, { key: shape.key, type: typeOf(shape) });
      }
    });
  }

  /** In a write transaction. */
  forget(name: string): void {
    void this.#records?.remove(name);
    this.#stamp.change();
  }

  #knows(shape: TableShape): boolean {
    const entry = this.#records?.get(shape.name);
    if (entry === undefined) return false;
    if (entry.key === shape.key && entry.type === typeOf(shape)) return true;
    throw new TableError(
      'bad_table',
      `it is stored as a ${entry.type} with key ${entry.key}, which no version may change to a ${typeOf(shape)} with key ${shape.key}; give the new table another name`,
      { table: shape.name },
    );
  }
}

const typeOf = (shape: TableShape): TableType => shape.type ?? 'set';
