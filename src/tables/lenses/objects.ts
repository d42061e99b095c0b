/** Steps between fields of a row and those of an object in it. */
import { type Fields, fieldOf, withField, without } from './data.ts';
import { asFields, at, fieldExists, Misfit, noField } from './misfit.ts';
import { onField } from './on-field.ts';
import type { Flat, Fresh, IsOptional, Name, Presence, Retyped, Value, With, Without } from './row-types.ts';
import { completed, isomorphism, partsOf, type SomeStep, type Step } from './step.ts';

/** A lens on the object in a field. */
export function inside<Older, Field extends Name<Older>, Newer>(
  field: Field,
  lens: Step<Value<Older, Field>, Newer>,
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Newer>>;
export function inside(field: string, lens: SomeStep, options: { optional?: boolean } = {}): unknown {
  const absent = options.optional ? 'kept' : 'refused';
  const parts = ['inside', field, partsOf(lens), options];
  return onField(parts, { from: field, to: field, inner: completed(lens), absent });
}

/** `optional`: each of the fields may be absent, and is then absent on the other side. */
type Presences<Row, Field extends keyof Row, More> = true extends {
  [Key in Field]: IsOptional<Row, Key>;
}[Field]
  ? [options: { readonly optional: true } & More]
  : Record<never, never> extends More
    ? [options?: { readonly optional?: false } & More]
    : [options: { readonly optional?: false } & More];

interface Whole {
  readonly partly?: false;
}
/** The object has other fields too, which stay in it. */
interface Partly {
  readonly partly: true;
}

interface Grouping {
  readonly fields: readonly string[];
  readonly into: string;
  readonly optional: boolean;
  readonly partly: boolean;
}

type GroupOptions = { optional?: boolean; partly?: boolean };

/**
 * Moves fields into an object, which is new; with `partly` it is one that the row has already. Throws for a row that lacks one of
 * the fields (unless `optional`), or where something stands in the way.
 */
export function nest<Older, const Field extends Name<Older>, Into extends string>(
  fields: readonly Field[],
  into: Into & Fresh<Into, Omit<Older, Field>>,
  ...options: Presences<Older, Field, Whole>
): Step<Older, With<Without<Older, Field>, Into, Flat<Pick<Older, Field>>>>;
export function nest<Older, const Field extends Name<Older>, Into extends Exclude<Name<Older>, Field>>(
  fields: readonly Field[],
  into: Into,
  ...options: Presences<Older, Field, Partly>
): Step<Older, Retyped<Without<Older, Field>, Into, Flat<Older[Into] & Pick<Older, Field>>>>;
export function nest(fields: readonly string[], into: string, options: GroupOptions = {}): unknown {
  const grouping = groupingOf('nest', fields, into, options);
  return isomorphism(
    ['nest', fields, into, options],
    (older) => gathered(asFields(older), grouping),
    (newer) => spread(asFields(newer), grouping),
  );
}

/**
 * The other way of `nest`: moves fields out of an object, which must have these alone and then goes; with `partly` it stays, with
 * the fields that it has besides.
 */
export function hoist<Older, From extends Name<Older>, const Field extends Name<Older[From]>>(
  from: From,
  fields: readonly Field[] & ([Name<Older[From]>] extends [Field] ? unknown : never),
  ...options: Presences<Older[From], Field, Whole>
): Step<Older, Flat<Without<Older, From> & Pick<Older[From], Field>>>;
export function hoist<Older, From extends Name<Older>, const Field extends Name<Older[From]>>(
  from: From,
  fields: readonly Field[],
  ...options: Presences<Older[From], Field, Partly>
): Step<Older, Flat<Retyped<Older, From, Without<Older[From], Field>> & Pick<Older[From], Field>>>;
export function hoist(from: string, fields: readonly string[], options: GroupOptions = {}): unknown {
  const grouping = groupingOf('hoist', fields, from, options);
  return isomorphism(
    ['hoist', from, fields, options],
    (older) => spread(asFields(older), grouping),
    (newer) => gathered(asFields(newer), grouping),
  );
}

function groupingOf(name: string, fields: readonly string[], into: string, options: GroupOptions): Grouping {
  const { optional = false, partly = false } = options;
  if (new Set(fields).size < fields.length) throw new TypeError(`${name} ${into}: a field is named twice`);
  if (partly && fields.includes(into)) throw new TypeError(`${name} ${into}: can not be moved into itself`);
  return { fields: [...fields], into, optional, partly };
}

function gathered(row: Fields, { fields, into, optional, partly }: Grouping): Fields {
  const members = picked(row, fields, optional);
  const rest = fields.reduce(without, row);
  const there = fieldOf(rest, into);
  if (!partly && there !== undefined) throw fieldExists(into);
  if (partly && there === undefined) throw noField(into);
  const object = at(into, () => joined(asFields(there ?? {}), members));
  return withField(rest, into, object);
}

function spread(row: Fields, { fields, into, optional, partly }: Grouping): Fields {
  const object = fieldOf(row, into);
  if (object === undefined) throw noField(into);
  const [members, left] = at(into, () => {
    const all = asFields(object);
    const others = fields.reduce(without, all);
    if (!partly) refuseOthers(others);
    return [picked(all, fields, optional), others];
  });
  return joined(partly ? withField(row, into, left) : without(row, into), members);
}

function picked(row: Fields, fields: readonly string[], optional: boolean): Fields {
  const there = fields.filter((field) => fieldOf(row, field) !== undefined);
  if (!optional && there.length < fields.length) {
    throw noField(fields.find((field) => !there.includes(field)) ?? '');
  }
  return Object.fromEntries(there.map((field) => [field, row[field]]));
}

function joined(row: Fields, members: Fields): Fields {
  for (const field of Object.keys(members)) if (fieldOf(row, field) !== undefined) throw fieldExists(field);
  return { ...row, ...members };
}

function refuseOthers(others: Fields): void {
  const other = Object.keys(others).find((field) => others[field] !== undefined);
  if (other !== undefined) throw new Misfit(other, 'stands beside the fields that are moved');
}
