/** What the compiler says of lenses: it follows the row through the steps. `npm run typecheck` is the test. */
import { expectTypeOf, test } from 'vitest';
import {
  add,
  convert,
  each,
  head,
  hoist,
  inside,
  lens,
  nest,
  remove,
  rename,
  type Step,
  steps,
  wrap,
} from '../../src/tables/lenses/index.ts';
import type { Chain, Lens } from '../../src/tables/types.ts';

interface Order1 {
  id: string;
  text: string;
  due?: string;
  level: 'low' | 'high';
  owner: string | null;
  street: string;
  floor?: number;
  customer: { zip: string; city: string };
  items: { name: string; count: number }[];
}

interface Order2 {
  id: string;
  title: string;
  dueAt?: string;
  level: number;
  owners: string[];
  address: { street: string; floor?: number };
  postcode: string;
  customer: { city: string; vip: boolean };
  items: { label: string; count: number; done: boolean }[];
  tags: string[];
}

const order = lens<Order1, Order2>()(
  rename('text', 'title'),
  rename('due', 'dueAt', { optional: true }),
  convert('level', { up: { low: 1, high: 9 } }),
  steps(wrap('owner', { empty: null }), rename('owner', 'owners')),
  nest(['street', 'floor'], 'address', { optional: true }),
  inside('customer', steps(rename('zip', 'postcode'), add('vip', false))),
  hoist('customer', ['postcode'], { partly: true }),
  each(
    'items',
    steps(
      rename('name', 'label'),
      add('done', (item) => item.count > 1 && item.label !== ''),
    ),
  ),
  add('tags', []),
);

test('steps lead from the older type to the newer', () => {
  expectTypeOf(order).toEqualTypeOf<Lens<Order1, Order2>>();
  expectTypeOf<{ version: 2; lens: typeof order }>().toExtend<Chain[number]>();
});

/** Never run, only compiled: each combinator gives its type. */
export function types(): void {
  type Row = { a: string; b?: number; list: string[]; o: { x: string; y?: number } };
  const at = <Older>() => ({
    is: <Newer>(_step: Step<Older, Newer>): { newer: Newer } => ({ newer: undefined as Newer }),
  });
  const row = at<Row>();
  expectTypeOf(row.is(add('c', 1)).newer.c).toEqualTypeOf<number>();
  expectTypeOf(row.is(add('c')).newer).toExtend<{ c?: string }>();
  expectTypeOf(row.is(remove('b')).newer).toEqualTypeOf<{ a: string; list: string[]; o: Row['o'] }>();
  expectTypeOf(row.is(rename('a', 'c')).newer.c).toEqualTypeOf<string>();
  expectTypeOf(row.is(rename('b', 'c', { optional: true })).newer).toExtend<{ c?: number }>();
  expectTypeOf(row.is(convert('a', { up: Number, down: String })).newer.a).toEqualTypeOf<number>();
  expectTypeOf(
    row.is(convert('list', { up: (list) => list.length, down: (n) => ['a'.repeat(n)] })).newer.list,
  ).toEqualTypeOf<number>();
  expectTypeOf(
    row.is(convert('a', { up: (text) => text.length, down: [[1, 'a']] })).newer.a,
  ).toEqualTypeOf<number>();
  expectTypeOf(
    row.is(convert('a', { up: { x: 1, y: true }, down: (n) => (n === 1 ? 'x' : 'y') })).newer.a,
  ).toEqualTypeOf<1 | true>();
  expectTypeOf(row.is(wrap('b', { empty: undefined })).newer.b).toEqualTypeOf<number[]>();
  expectTypeOf(row.is(wrap('b', { optional: true })).newer).toExtend<{ b?: number[] }>();
  expectTypeOf(row.is(head('list')).newer.list).toEqualTypeOf<string>();
  expectTypeOf(row.is(head('list', { empty: null })).newer.list).toEqualTypeOf<string | null>();
  expectTypeOf(row.is(head('list', { empty: undefined })).newer.list).toEqualTypeOf<string | undefined>();
  expectTypeOf(row.is(hoist('o', ['x', 'y'], { optional: true })).newer.y).toEqualTypeOf<
    number | undefined
  >();
  expectTypeOf(row.is(nest(['a'], 'o', { partly: true })).newer.o).toEqualTypeOf<{
    x: string;
    y?: number;
    a: string;
  }>();
}

/** Never run: each line below it would throw at once. */
export function refused(): void {
  const at = lens<Order1, Order2>();
  // @ts-expect-error there is no such field
  at(rename('txt', 'title'));
  // @ts-expect-error there is such a field already
  at(rename('text', 'id'));
  // @ts-expect-error the step before has renamed it
  at(rename('text', 'title'), convert('text', { up: Number, down: String }));
  // @ts-expect-error it may be absent
  at(rename('due', 'dueAt'));
  // @ts-expect-error it may not be absent
  at(rename('text', 'title', { optional: true }));
  // @ts-expect-error there is such a field already
  at(add('text', ''));
  // @ts-expect-error older rows must be able to have a value
  at(remove('text'));
  // @ts-expect-error the value is none of the field's
  at(remove('text', 1));
  // @ts-expect-error the table lacks a value
  at(convert('level', { up: { low: 1 } }));
  // @ts-expect-error functions have no inverse of their own
  at(convert('text', { up: Number }));
  // @ts-expect-error `down` leads to what the field is not
  at(convert('level', { up: (level) => level.length, down: (n) => (n > 3 ? 'high' : 'middle') }));
  // @ts-expect-error a table of strings alone takes an object
  at(inside('customer', steps(add('n', 1), convert('n', { up: { 1: 'one' } }))));
  // @ts-expect-error there is no such field in the object
  at(inside('customer', rename('zipcode', 'postcode')));
  // @ts-expect-error there is no such field in the elements
  at(each('items', remove('price', 1)));
  // @ts-expect-error no list
  at(each('text', rename('a', 'b')));
  // @ts-expect-error no key of the elements
  at(each('items', rename('name', 'label'), { key: 'nr' }));
  // @ts-expect-error one of the fields does not exist
  at(nest(['street', 'number'], 'address', { optional: true }));
  // @ts-expect-error one of the fields may be absent
  at(nest(['street', 'floor'], 'address'));
  // @ts-expect-error there is such a field already
  at(nest(['street'], 'customer'));
  // @ts-expect-error the object has other fields, too
  at(hoist('customer', ['zip']));
  // @ts-expect-error a lens has one step or more
  at();
  // @ts-expect-error ends without priority
  const lacking: Lens = lens<{ id: string }, { id: string; tags: string[]; priority: number }>()(
    add('tags', []),
  );
  // @ts-expect-error ends with a field too many
  const spare: Lens = lens<{ id: string }, { id: string }>()(add('tags', []));
  // @ts-expect-error an optional field is one too many as well
  const optional: Lens = lens<{ id: string }, { id: string }>()(add('tags'));
  // @ts-expect-error a field that no step touches has another type
  const other: Lens = lens<{ a: 'x'; b: 1 }, { a: string; c: 1 }>()(rename('b', 'c'));
  // @ts-expect-error a field has another type than declared
  const wrong: Lens = lens<{ a: string }, { a: string; b: string }>()(add('b', 1));
  // @ts-expect-error a free lens for other rows
  at({ up: (row: { no: string }) => row, down: (row: { no: string }) => row });
  void [lacking, spare, optional, other, wrong];
}
