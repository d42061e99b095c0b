/** The words of the store that other parts and authors share: rows, keys, schemas, lenses and chains. */

export type KeyPart = string | number | boolean;

/** The value of a row's key field. A compound key is an array of two parts or more. */
export type TableKey = KeyPart | readonly KeyPart[];

/** The key type of a table when none is named: every field type of the row that could be a key. */
export type KeyOf<Row> = Extract<Row[keyof Row], TableKey>;

export type Storage = 'ram' | 'disc';
export type TableType = 'set' | 'ordered_set';

/** A field, or several in their order: rows are found by their values, `table.by(...)`. */
export type IndexSpec<Field extends string = string> = Field | readonly Field[];

/** Compatible with zod. Must accept its own output: a row that is read and written again is parsed again. */
export interface RowSchema<Row = unknown> {
  parse(row: unknown): Row;
}

/** What the store itself needs to know of a table. */
export interface TableShape {
  readonly name: string;
  /** 1…65535; stored with each row. */
  readonly version: number;
  /** The field that holds the key. */
  readonly key: string;
  readonly storage: Storage;
  /** Default `set`. */
  readonly type?: TableType;
  readonly index?: readonly IndexSpec[] | undefined;
  readonly schema?: RowSchema;
}

export interface TableSpec<Row extends object> extends TableShape {
  readonly key: keyof Row & string;
  readonly index?: readonly IndexSpec<keyof Row & string>[] | undefined;
  readonly schema?: RowSchema<Row>;
}

/**
 * Leads from the rows of a table version (`Older`) to those of the next (`Newer`) and back. Pure: no effect, no clock, no
 * change to its arguments. Keeps the key. `put` writes an older row back over a newer one; without it, each field of
 * `up(older)` that differs from `up(down(newer))` is taken and the rest of `newer` kept. `down(put(older, newer))` is `older`.
 */
export interface Lens<Older = unknown, Newer = unknown> {
  up(older: Older): Newer;
  down(newer: Newer): Older;
  put?(older: Older, newer: Newer): Newer;
}

/** `lens` leads from the step before; only the first step of a chain has none. */
export interface ChainStep {
  readonly version: number;
  readonly lens?: Lens;
}

export type Chain = readonly ChainStep[];

/** By table name. */
export type Chains = Readonly<Record<string, Chain>>;

/** What ties a handle to an open store; made by the store. */
export interface Binding {
  readonly shape: TableShape;
}

/** A handle that `table(...)` made, of whatever rows. */
export interface AnyTable extends TableShape {
  /** For the store alone. */
  bind(binding: Binding | undefined): void;
}
