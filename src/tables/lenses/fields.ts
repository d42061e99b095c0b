/** Steps on the fields of a row: add, remove, rename. */
import { copy, type Fields, fieldOf, same, withField, without } from './data.ts';
import { asFields, at, fieldExists, lost, noField } from './misfit.ts';
import { onField } from './on-field.ts';
import type { Fresh, Name, Presence, Renamed, With, WithOptional, Without } from './row-types.ts';
import { type AnyStep, made, type Step } from './step.ts';

/** A value for a row that lacks one: the same for each, or computed from the row. */
type Default<Row, Value> = Value | ((row: Row) => Value);

/**
 * A field that the older version does not know. Older rows show it as `value`, or as `value(row)`; without `value` it is an
 * optional one. An older row that is written over a newer keeps the newer value, unless what `value(row)` gives has changed.
 * Throws for an older row that has the field.
 */
export function add<Older, Field extends string>(
  field: Field & Fresh<Field, Older>,
): Step<Older, WithOptional<Older, Field, never>>;
export function add<Older, Field extends string, Value>(
  field: Field & Fresh<Field, Older>,
  value: Default<Older, Value>,
): Step<Older, With<Older, Field, Value>>;
export function add(field: string, value?: unknown): unknown {
  const fill = filler(field, value);
  const up = (older: unknown): Fields => {
    const fields = asFields(older);
    if (fieldOf(fields, field) !== undefined) throw fieldExists(field);
    return withField(fields, field, fill(fields));
  };
  const down = (newer: unknown): Fields => without(asFields(newer), field);
  return made(['add', field, value], {
    up,
    down,
    put: (older, newer) => {
      const [filled, before] = [up(older), fill(down(newer))];
      const isUnchanged = same(fieldOf(filled, field), before);
      return isUnchanged ? withField(filled, field, fieldOf(asFields(newer), field)) : filled;
    },
  });
}

/**
 * A field that the newer version does not have. Newer rows show it to the older version as `value`, or as `value(row)`; only an
 * optional one needs no `value`. Another value is lost when the newer version writes the row, which the check
 * before an upgrade reports; and an older row with another value is not written over a newer one: that throws.
 */
export function remove<Older, Field extends Name<Older>>(
  field: Field,
  ...value: undefined extends Older[Field]
    ? [value?: Default<Without<Older, Field>, Older[Field]>]
    : [value: Default<Without<Older, Field>, Older[Field]>]
): Step<Older, Without<Older, Field>>;
export function remove(field: string, value?: unknown): unknown {
  const fill = filler(field, value);
  const up = (older: unknown): Fields => {
    const fields = asFields(older);
    if (value !== undefined && fieldOf(fields, field) === undefined) throw noField(field);
    return without(fields, field);
  };
  return made(['remove', field, value], {
    up,
    down: (newer) => {
      const fields = asFields(newer);
      if (fieldOf(fields, field) !== undefined) throw fieldExists(field);
      return withField(fields, field, fill(fields));
    },
    put: (older) => {
      const [rest, had] = [up(older), fieldOf(asFields(older), field)];
      if (!same(had, fill(rest))) at(field, () => throwLost(had));
      return rest;
    },
  });
}

function throwLost(value: unknown): never {
  throw lost(value);
}

/** A copy for each row, or what somebody does to one would show in all. */
function filler(field: string, value: unknown): (row: Fields) => unknown {
  if (typeof value === 'function') return (row) => at(field, () => value(row));
  const kept = copy(value);
  return () => copy(kept);
}

/** The same value under another name. Throws for a row that lacks `from` (unless `optional`) or has `to`. */
export function rename<Older, From extends Name<Older>, To extends string>(
  from: From,
  to: To & Fresh<To, Older>,
  ...options: Presence<Older, From>
): Step<Older, Renamed<Older, From, To>>;
export function rename(from: string, to: string, options: { optional?: boolean } = {}): unknown {
  const absent = options.optional ? 'kept' : 'refused';
  return onField(['rename', from, to, options], { from, to, inner: AS_IT_IS, absent });
}

const AS_IT_IS: AnyStep = { up: (value) => value, down: (value) => value, put: (older) => older };
