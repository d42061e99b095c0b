/** Another value in a field: by functions, or by a table of values. */
import { same } from './data.ts';
import { lost } from './misfit.ts';
import { onField } from './on-field.ts';
import type { Name, Presence, Retyped, Value } from './row-types.ts';
import { type AnyStep, made, type Step } from './step.ts';
import {
  checkReturn,
  inverse,
  type Lookup,
  type Scalar,
  type ValueTable,
  valueTable,
} from './value-table.ts';

type Mapping<From, To> = ((value: From) => To) | ValueTable<From, To>;
type StringTable<Keys> = { readonly [Key in Keys & string]: Scalar };
/** Only strings are looked up in an object. */
type OnlyStrings<From> = [From] extends [string] ? unknown : never;

/**
 * The value of a field in another form, where `down(up(value))` is `value`. Each direction is a function, or a table:
 * `{ low: 1, high: 9 }` for strings, `[[1, 'low'], [9, 'high']]` for any numbers, strings, booleans and null. A table that gives
 * no value twice needs no `down`; one that does is refused without it.
 * An older value that has not changed leaves the newer one; one that the newer version can not give back is not written.
 * Throws for a row that lacks the field (unless `optional`), or whose value is in no table.
 * @throws TypeError where a table leads to a value that leads nowhere back
 */
export function convert<Older, Field extends Name<Older>, Newer>(
  field: Field,
  by: {
    readonly up: (value: Value<Older, Field>) => Newer;
    readonly down: Mapping<NoInfer<Newer>, Value<Older, Field>>;
  },
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Newer>>;
export function convert<
  Older,
  Field extends Name<Older>,
  const Table extends StringTable<Value<Older, Field>>,
>(
  field: Field,
  by: {
    readonly up: Table & OnlyStrings<Value<Older, Field>>;
    readonly down?: Mapping<NoInfer<Table[keyof Table]>, Value<Older, Field>>;
  },
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Table[keyof Table]>>;
export function convert<Older, Field extends Name<Older>, const Newer extends Scalar>(
  field: Field,
  by: {
    readonly up: readonly (readonly [Value<Older, Field>, Newer])[];
    readonly down?: Mapping<NoInfer<Newer>, Value<Older, Field>>;
  },
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Newer>>;
export function convert(
  field: string,
  by: { up: unknown; down?: unknown },
  options: { optional?: boolean } = {},
): unknown {
  return onField(['convert', field, by.up, by.down, options], {
    from: field,
    to: field,
    inner: conversion(field, by.up, by.down),
    absent: options.optional ? 'kept' : 'refused',
  });
}

function conversion(field: string, upward: unknown, downward: unknown): AnyStep {
  const up = isLookup(upward) ? upward : valueTable(field, upward);
  const down = isLookup(downward) ? downward : tableBack(field, upward, downward);
  return made([], {
    up: (older) => up(older),
    down: (newer) => down(newer),
    put: (older, newer) => {
      if (same(down(newer), older)) return newer;
      const result = up(older);
      if (!same(down(result), older)) throw lost(older);
      return result;
    },
  });
}

const isLookup = (by: unknown): by is Lookup => typeof by === 'function';

function tableBack(field: string, upward: unknown, downward: unknown): Lookup {
  if (downward === undefined && !isLookup(upward)) return inverse(field, upward);
  const down = valueTable(field, downward);
  if (!isLookup(upward)) checkReturn(field, upward, down);
  return down;
}
