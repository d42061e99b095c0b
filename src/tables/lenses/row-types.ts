/** What steps make of the type of a row. A union of row types is changed member by member. */

export type Flat<Row> = { [Field in keyof Row]: Row[Field] };
export type Name<Row> = keyof Row & string;

export type With<Row, Field extends PropertyKey, Value> = Row extends unknown
  ? Flat<Row & { [Key in Field]: Value }>
  : never;

export type WithOptional<Row, Field extends PropertyKey, Value> = Row extends unknown
  ? Flat<Row & { [Key in Field]?: Value }>
  : never;

export type Without<Row, Field extends PropertyKey> = Row extends unknown ? Flat<Omit<Row, Field>> : never;

/** Another type of the field, which stays as optional as it was. */
export type Retyped<Row, Field extends PropertyKey, Value> = Row extends unknown
  ? { [Key in keyof Row]: Key extends Field ? Value : Row[Key] }
  : never;

export type Renamed<Row, From extends PropertyKey, To extends PropertyKey> = Row extends unknown
  ? Flat<Omit<Row, From> & { [Key in keyof Row as Key extends From ? To : never]: Row[Key] }>
  : never;

/** The value of a field that is there. */
export type Value<Row, Field extends keyof Row> = Exclude<Row[Field], undefined>;
export type Element<List> = List extends readonly (infer Item)[] ? Item : never;

export type IsOptional<Row, Field extends keyof Row> = undefined extends Row[Field] ? true : false;

/** A name that no field has yet. */
export type Fresh<Field, Row> = Field extends keyof Row ? never : Field;

/** A field that may be absent must be said to be, one that may not must not. */
export type Presence<Row, Field extends keyof Row, More = unknown> =
  IsOptional<Row, Field> extends true
    ? [options: { readonly optional: true } & More]
    : [options?: { readonly optional?: false } & More];

/**
 * The fields in which what the steps lead to differs from what is declared. The type of a field that steps have changed may be
 * narrower than declared (`[]` for a list of strings); one that they leave alone must be the same.
 */
export type Differing<Older, Reached, Newer> = {
  [Field in keyof Reached | keyof Newer]-?: Field extends keyof Reached & keyof Newer
    ? Fits<Older, Reached, Newer, Field> extends true
      ? never
      : Field
    : Field;
}[keyof Reached | keyof Newer];

type Fits<Older, Reached, Newer, Field extends keyof Reached & keyof Newer> = [Reached[Field]] extends [
  Newer[Field],
]
  ? [Newer[Field]] extends [Reached[Field]]
    ? true
    : Field extends keyof Older
      ? Same<Older[Field], Reached[Field]> extends true
        ? false
        : true
      : true
  : false;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
