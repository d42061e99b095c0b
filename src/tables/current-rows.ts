import type { RowOwner, RowTable, WalkOptions } from './row-table.ts';
import type { TableKey } from './types.ts';

/** The rows of a table where they stand now: a restore puts others in their place, for all processes in one transaction. */
export class CurrentRows implements RowTable {
  #rows: RowTable;
  #owner: RowOwner | undefined;
  /** Name of the database in which they are. */
  place: string;

  constructor(place: string, rows: RowTable) {
    this.place = place;
    this.#rows = rows;
  }

  belongTo(owner: RowOwner): void {
    this.#owner = owner;
    this.#rows.belongTo(owner);
  }

  move(place: string, rows: RowTable): void {
    this.place = place;
    this.#rows = rows;
    if (this.#owner) rows.belongTo(this.#owner);
  }

  get version(): number {
    return this.#rows.version;
  }

  read(key: TableKey): unknown {
    return this.#rows.read(key);
  }

  peek(key: TableKey): number {
    return this.#rows.peek(key);
  }

  has(key: TableKey): boolean {
    return this.#rows.has(key);
  }

  count(): number {
    return this.#rows.count();
  }

  bytes(): number {
    return this.#rows.bytes();
  }

  walk(
    options: WalkOptions,
    visit: (key: TableKey, row: unknown, version: number) => void,
  ): TableKey | undefined {
    return this.#rows.walk(options, visit);
  }

  write(key: TableKey, version: number, row: object): void {
    this.#rows.write(key, version, row);
  }

  remove(key: TableKey): void {
    this.#rows.remove(key);
  }
}
