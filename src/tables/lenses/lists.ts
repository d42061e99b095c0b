/** Steps between a value and a list of values, and on the elements of a list. */
import { partnersOf } from './align.ts';
import { copy, same } from './data.ts';
import { asList, at, lost, Misfit } from './misfit.ts';
import { onField } from './on-field.ts';
import type { Element, Name, Presence, Retyped, Value, With, WithOptional, Without } from './row-types.ts';
import { type AnyStep, completed, created, partsOf, type SomeStep, type Step } from './step.ts';

/** What stands for an empty list where there is no list; undefined: the field is absent then. */
interface Empty<Value> {
  readonly empty: Value;
}

interface ListOptions {
  optional?: boolean;
  empty?: unknown;
}

/**
 * A value becomes a list of one. The older version sees the first element; what it writes takes that one's place. An empty
 * list is shown to it as `empty`, which in turn becomes an empty list; without `empty` it does not fit.
 */
export function wrap<Older, Field extends Name<Older>>(
  field: Field,
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Value<Older, Field>[]>>;
export function wrap<Older, Field extends Name<Older>, const Nothing extends Older[Field]>(
  field: Field,
  options: Empty<Nothing>,
): Step<Older, With<Without<Older, Field>, Field, Exclude<Older[Field], Nothing>[]>>;
export function wrap(field: string, options: ListOptions = {}): unknown {
  return listStep('wrap', field, wrapping(options), options);
}

/**
 * The other way of `wrap`: a list becomes its first element. All others are lost when the newer version writes the row, and an older
 * row with more than one is not written over a newer one: that throws. An empty list becomes `empty`.
 */
export function head<Older, Field extends Name<Older>>(
  field: Field,
  ...options: Presence<Older, Field>
): Step<Older, Retyped<Older, Field, Element<Value<Older, Field>>>>;
export function head<Older, Field extends Name<Older>>(
  field: Field,
  options: Empty<undefined>,
): Step<Older, WithOptional<Without<Older, Field>, Field, Element<Older[Field]>>>;
export function head<
  Older,
  Field extends Name<Older>,
  const Nothing extends string | number | boolean | null,
>(
  field: Field,
  options: Empty<Nothing>,
): Step<Older, With<Without<Older, Field>, Field, Element<Older[Field]> | Nothing>>;
export function head(field: string, options: ListOptions = {}): unknown {
  return listStep('head', field, heading(wrapping(options)), options);
}

function listStep(name: string, field: string, inner: AnyStep, options: ListOptions): AnyStep {
  const isValue = 'empty' in options && options.empty === undefined;
  const absent = isValue ? 'a value' : options.optional ? 'kept' : 'refused';
  return onField([name, field, options, isValue], { from: field, to: field, inner, absent });
}

function wrapping(options: ListOptions): AnyStep {
  const isEmpty = (value: unknown): boolean => 'empty' in options && same(value, options.empty);
  const up = (value: unknown): unknown[] => (isEmpty(value) ? [] : [value]);
  const down = (newer: unknown): unknown => {
    const list = asList(newer);
    if (list.length > 0) return list[0];
    if ('empty' in options) return copy(options.empty);
    throw new Misfit('', 'an empty list has no first element');
  };
  return {
    up,
    down,
    put: (older, newer) => {
      const list = asList(newer);
      if (list.length > 0 && same(list[0], older)) return list;
      return isEmpty(older) ? [] : [older, ...list.slice(1)];
    },
  };
}

const heading = ({ up, down }: AnyStep): AnyStep => ({
  up: down,
  down: up,
  put: (older) => {
    const first = down(older);
    if (!same(up(first), older)) throw lost(older);
    return first;
  },
});

/**
 * A lens on each element of a list. When an older list is written over a newer one, an element that the older version has not changed
 * keeps its newer form wherever it now stands; a changed one is written over the element that it replaces. `key` names
 * the field by which elements (objects) are known instead, which is surer where they are edited and moved at once.
 */
export function each<Older, Field extends Name<Older>, Newer>(
  field: Field,
  lens: Step<Element<Value<Older, Field>>, Newer>,
  ...options: Presence<Older, Field, { readonly key?: Name<Element<Value<Older, Field>>> }>
): Step<Older, Retyped<Older, Field, Newer[]>>;
export function each(
  field: string,
  lens: SomeStep,
  options: { optional?: boolean; key?: string } = {},
): unknown {
  const absent = options.optional ? 'kept' : 'refused';
  const inner = elementwise(completed(lens), options.key);
  return onField(['each', field, partsOf(lens), options], { from: field, to: field, inner, absent });
}

function elementwise(lens: AnyStep, key: string | undefined): AnyStep {
  const mapped = (list: unknown, change: (element: unknown) => unknown): unknown[] =>
    asList(list).map((element, index) => at(index, () => change(element)));
  return {
    up: (older) => mapped(older, lens.up),
    down: (newer) => mapped(newer, lens.down),
    put: (older, newer) => {
      const over = asList(newer);
      const partners = partnersOf(asList(older), mapped(over, lens.down), key);
      return asList(older).map((element, index) =>
        at(index, () => {
          const partner = partners[index];
          return partner === undefined ? created(lens, element) : lens.put(element, over[partner]);
        }),
      );
    },
  };
}
