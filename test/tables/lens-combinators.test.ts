/** Lenses of combinators on rows that one can read, in the store, and on rows that they do not fit. */
import { describe, expect, it } from 'vitest';
import { type Lens, table } from '../../src/tables/index.ts';
import { partnersOf } from '../../src/tables/lenses/align.ts';
import {
  add,
  convert,
  each,
  head,
  hoist,
  inside,
  lens,
  nest,
  partsOf,
  remove,
  rename,
  type Step,
  steps,
  textOf,
  wrap,
} from '../../src/tables/lenses/index.ts';
import { makeTables, type NoteV1, type NoteV2, note } from './fixtures/notes.ts';
import { tempStore } from './helpers.ts';

const of = <Older, Newer>(step: Step<Older, Newer>): Required<Step<Older, Newer>> =>
  step as Required<Step<Older, Newer>>;

describe('a lens of combinators', () => {
  interface Order1 {
    id: string;
    street: string;
    owner: string | null;
    items: { name: string; count: number }[];
  }
  interface Order2 {
    id: string;
    address: { street: string };
    owners: string[];
    items: { label: string; count: number; done: boolean }[];
  }
  const order = lens<Order1, Order2>()(
    nest(['street'], 'address'),
    wrap('owner', { empty: null }),
    rename('owner', 'owners'),
    each('items', steps(rename('name', 'label'), add('done', false))),
  ) as Required<Lens<Order1, Order2>>;
  const older: Order1 = { id: '1', street: 's', owner: null, items: [{ name: 'a', count: 1 }] };
  const newer: Order2 = {
    id: '1',
    address: { street: 's' },
    owners: ['x', 'y'],
    items: [
      { label: 'a', count: 1, done: true },
      { label: 'b', count: 2, done: false },
      { label: 'c', count: 3, done: true },
    ],
  };

  it('leads up and down', () => {
    expect(order.up(older)).toEqual({
      id: '1',
      address: { street: 's' },
      owners: [],
      items: [{ label: 'a', count: 1, done: false }],
    });
    expect(order.down(newer)).toMatchObject({ street: 's', owner: 'x', items: [{ name: 'a' }, {}, {}] });
  });

  it('writes back by element, wherever it now stands', () => {
    const [a, b, c] = order.down(newer).items as [Order1['items'][0], Order1['items'][0], Order1['items'][0]];
    const put = (items: Order1['items']): string =>
      order
        .put({ ...older, items }, newer)
        .items.map(({ label, done }) => `${label} ${done}`)
        .join();
    expect(put([b, c])).toBe('b false,c true');
    expect(put([c, a])).toBe('c true,a true');
    expect(put([{ ...a, name: 'A' }, b, c])).toBe('A true,b false,c true');
    expect(put([{ name: 'new', count: 0 }, a, b, c])).toBe('new false,a true,b false,c true');
  });

  it('knows elements by their key where one is named', () => {
    const keyed = of(
      each<{ l: { k: number; v: string }[] }, 'l', { k: number; v: string; w: number }>('l', add('w', 0), {
        key: 'k',
      }),
    );
    const newer = {
      l: [
        { k: 1, v: 'a', w: 1 },
        { k: 2, v: 'b', w: 2 },
      ],
    };
    expect(
      keyed.put(
        {
          l: [
            { k: 2, v: 'B' },
            { k: 3, v: 'a' },
          ],
        },
        newer,
      ),
    ).toEqual({
      l: [
        { k: 2, v: 'B', w: 2 },
        { k: 3, v: 'a', w: 0 },
      ],
    });
  });

  it('keeps the other elements of a list whose first it replaces', () => {
    expect(order.put({ ...older, owner: 'z' }, newer).owners).toEqual(['z', 'y']);
    expect(order.put({ ...older, owner: null }, newer).owners).toEqual([]);
  });
});

describe('elements of a list', () => {
  it.each([
    [
      ['a', 'b'],
      ['a', 'b'],
      [0, 1],
    ],
    [['b'], ['a', 'b'], [1]],
    [
      ['x', 'a', 'b'],
      ['a', 'b'],
      [undefined, 0, 1],
    ],
    [
      ['a', 'x', 'c'],
      ['a', 'b', 'c'],
      [0, 1, 2],
    ],
    [
      ['c', 'x', 'a'],
      ['a', 'b', 'c'],
      [2, undefined, 0],
    ],
    [
      ['a', 'a', 'a'],
      ['a', 'a'],
      [0, 1, undefined],
    ],
    [['x'], [], [undefined]],
  ])('%j continue those of %j', (after, before, partners) => {
    expect(partnersOf(after, before)).toEqual(partners);
  });

  it('are matched in a time that does not grow with the square of their number', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index % 2);
    const shifted = [...many.slice(1), 7];
    expect(new Set(partnersOf(shifted, many)).size).toBe(100_000);
  });
});

type AnyRow = Record<string, unknown>;
const untyped = (combinator: unknown) =>
  combinator as (...given: unknown[]) => Required<Step<AnyRow, AnyRow>>;

describe('a row that a step does not fit', () => {
  const row: AnyRow = { id: '1', a: 'x', o: { b: 1 }, l: [{ c: 1 }, { d: 2 }] };
  const twice = untyped(rename)('c', 'e');
  const throws = {
    up: () => {
      throw new Error('not today');
    },
    down: (value: unknown) => value,
  };
  it.each<[string, Required<Step<AnyRow, AnyRow>>, string]>([
    ['add', untyped(add)('a', 1), 'a: there is such a field already'],
    ['remove', untyped(remove)('b', 1), 'b: there is no such field'],
    ['rename of nothing', untyped(rename)('b', 'c'), 'b: there is no such field'],
    ['rename of what objects inherit', untyped(rename)('toString', 'c'), 'toString: there is no such field'],
    ['rename to what is there', untyped(rename)('a', 'o'), 'o: there is such a field already'],
    ['a table', untyped(convert)('a', { up: { y: 1 } }), 'a: no value stands in the table for "x"'],
    ['a function', untyped(convert)('a', throws), 'a: not today'],
    ['head', untyped(head)('a'), 'a: needs a list, and is "x"'],
    ['each', untyped(each)('l', twice), 'l[1].c: there is no such field'],
    ['each of no list', untyped(each)('o', twice), 'o: needs a list, and is {"b":1}'],
    ['inside', untyped(inside)('o', twice), 'o.c: there is no such field'],
    ['inside of no object', untyped(inside)('a', twice), 'a: needs an object, and is "x"'],
    ['nest', untyped(nest)(['a', 'b'], 'n'), 'b: there is no such field'],
    ['nest over something', untyped(nest)(['a'], 'o'), 'o: there is such a field already'],
    ['nest into nothing', untyped(nest)(['a'], 'n', { partly: true }), 'n: there is no such field'],
    ['hoist', untyped(hoist)('o', ['x']), 'o.b: stands beside the fields that are moved'],
    ['hoist of nothing', untyped(hoist)('n', ['x']), 'n: there is no such field'],
    ['a free lens', untyped(inside)('o', throws), 'o: not today'],
    ['a step in a lens', untyped(steps)(untyped(rename)('a', 'z'), untyped(rename)('a', 'y')), 'a: there'],
  ])('is named by the path of the field: %s', (_name, step, message) => {
    expect(() => step.up(row)).toThrow(message);
  });

  it('is refused on the way back, too', () => {
    expect(() => untyped(rename)('b', 'c').down(row)).toThrow('c: there is no such field');
    expect(() => untyped(wrap)('l').down({ l: [] })).toThrow('l: an empty list has no first element');
    expect(() => untyped(remove)('a', 1).down(row)).toThrow('a: there is such a field already');
  });

  it.each([
    [{ up: { a: 1, b: 1 } }, 'convert x: 1 is in the table twice; say in `down` which it becomes again'],
    [{ up: { a: 1 }, down: [[2, 'a']] }, 'convert x: no way back leads from 1'],
    [{ up: 'text' }, 'convert x: needs a function or a table'],
    [{ up: (value: unknown) => value }, 'convert x: needs a function or a table'],
  ])('a table without a way back is refused as it is made: %j', (by, message) => {
    expect(() => untyped(convert)('x', by)).toThrow(message);
  });
});

describe('in the store', () => {
  async function withLens(toV2: Lens<NoteV1, NoteV2>, rows: readonly NoteV1[]) {
    const store = await tempStore();
    const { v1, v2 } = makeTables();
    await store.attach([v1, v2], { notes: [{ version: 1 }, { version: 2, lens: toV2 }] });
    for (const row of rows) await v1.put(row);
    return { store, v1, v2 };
  }
  const toV2 = lens<NoteV1, NoteV2>()(add('tags', []), add('priority', 0));

  it('what a reader does to a default shows in no other row', async () => {
    const { v2 } = await withLens(toV2, [note('a'), note('b')]);
    v2.get('a')?.tags.push('spoilt');
    expect([v2.get('a')?.tags, v2.get('b')?.tags]).toEqual([[], []]);
  });

  it('an older version writes over newer rows, and what it does not know stays', async () => {
    const { v1, v2 } = await withLens(toV2, []);
    await v2.put({ ...note('a'), tags: ['x'], priority: 3 });
    await v1.put(note('a', 'changed'));
    expect(v2.get('a')).toEqual({ ...note('a', 'changed'), tags: ['x'], priority: 3 });
  });

  it('the check reports what a remove would lose, and names the row that a step does not fit', async () => {
    type Row2 = { id: string; text: string };
    const store = await tempStore();
    const { v1 } = makeTables();
    const v2 = table<Row2, string>({
      name: 'notes',
      version: 2,
      key: 'id',
      storage: 'disc',
      type: 'ordered_set',
    });
    const toLess = lens<NoteV1, Row2>()(
      remove('count', 0),
      convert('text', { up: { x: 'y' }, down: { y: 'x' } }),
    );
    await store.attach([v1, v2], { notes: [{ version: 1 }, { version: 2, lens: toLess as Lens }] });
    for (const row of [note('a', 'x'), note('b', 'x', 7), note('c', 'x', 8), note('d', 'z')])
      await v1.put(row);
    const report = await store.verifyLens({ table: v2 });
    expect(report.losses).toEqual([{ table: 'notes', field: 'count', rows: 2, firstKey: 'b' }]);
    expect(report.failures).toEqual([
      { table: 'notes', key: 'd', reason: 'text: no value stands in the table for "z"' },
    ]);
    await v2.put({ id: 'a', text: 'y' });
    await v1.put(note('a', 'x', 0));
    await expect(v1.put(note('a', 'x', 1))).rejects.toThrow('count: the newer version has no place for 1');
  });
});

it('the texts that released lenses are hashed by never change', () => {
  const parts = partsOf(
    lens<
      { a: string; b: number; l: { c: string }[] },
      { x: string; b: string; l: { d: string }[]; t: Date }
    >()(
      rename('a', 'x'),
      convert('b', { up: String, down: Number }),
      each('l', rename('c', 'd')),
      add('t', new Date(0)),
    ) as Lens<never, never>,
  );
  expect(textOf(parts)).toBe(
    '["lens",["rename","a","x",{}],["convert","b",function,function,{}],["each","l",["rename","c","d",{}],{}],["add","t",Date(0)]]',
  );
  expect(
    textOf([
      undefined,
      null,
      -0,
      1n,
      Number.NaN,
      { b: 1, a: undefined },
      new Uint8Array([1]),
      new Map([[1, 2]]),
      new Set('a'),
      /x/g,
    ]),
  ).toBe('[undefined,null,0,1n,NaN,{"b":1},Bytes(AQ==),Map([1,2]),Set("a"),RegExp(/x/g)]');
});
