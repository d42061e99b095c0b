/** Pairs of schemas, each with a value that shows what is claimed of it, checked by a validator. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { compareSchemas } from '../../src/upgrade/surface/compare-schemas.ts';
import { jsonSchemas, jsonValues, withoutUnnamed } from './schema-arbitraries.ts';

type Json = Record<string, unknown> | boolean;

const validator = new AjvJsonSchemaValidator();

/** Compiled once: that is what takes the time. */
function taker(schema: Json): (value: unknown) => boolean {
  const whole = typeof schema === 'boolean' ? (schema ? {} : { not: {} }) : schema;
  const validate = validator.getValidator(whole as never);
  return (value) => validate(value).valid;
}
const takes = (schema: Json, value: unknown): boolean => taker(schema)(value);

const changesOf = (before: Json, after: Json, sendsUnnamed = true) =>
  compareSchemas(before, after, { sendsUnnamed });
const lines = (before: Json, after: Json) =>
  changesOf(before, after).map(({ path, what, sent, taken }) => `${path}: ${what} ${sent} -> ${taken}`);

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  ...more,
});
const string = { type: 'string' };
const number = { type: 'number' };
const tag = (kind: string, more: Record<string, unknown> = {}) =>
  object({ kind: { const: kind }, ...more }, { required: ['kind', ...Object.keys(more)] });
const tree = (leaf: unknown) => ({
  $ref: '#/$defs/node',
  $defs: { node: object({ leaf, kids: { type: 'array', items: { $ref: '#/$defs/node' } } }) },
});

/** What it is, before, after, a value that was taken and is refused, and the first line of what is said. */
const NARROWED: [string, Json, Json, unknown, string][] = [
  [
    'a property is required',
    object({ a: string }),
    object({ a: string }, { required: ['a'] }),
    {},
    'a: presence optional -> required',
  ],
  [
    'a new property is required',
    object({}),
    object({ b: string }, { required: ['b'] }),
    {},
    'b: presence optional -> required',
  ],
  [
    'a property is gone from a closed object',
    object({ a: string }),
    object({}, { additionalProperties: false }),
    { a: 'x' },
    'a: presence allowed -> refused',
  ],
  [
    'an object is closed',
    object({ a: string }),
    object({ a: string }, { additionalProperties: false }),
    { z: 1 },
    '*: presence ignored -> refused',
  ],
  ['another type', object({ a: string }), object({ a: number }), { a: 'x' }, 'a: type string -> number'],
  ['fewer types', { type: ['string', 'null'] }, string, null, ': type string | null -> string'],
  ['any becomes one type', object({ a: {} }), object({ a: string }), { a: 1 }, 'a: type any -> string'],
  ['integers only', number, { type: 'integer' }, 0.5, ': type number -> integer'],
  ['a value less', { enum: ['a', 'b'] }, { enum: ['a'] }, 'b', ': value "b" allowed -> refused'],
  ['values in place of any string', string, { type: 'string', enum: ['a'] }, 'b', ': values string -> "a"'],
  ['a const in place of an enum', { enum: [1, 2] }, { const: 1 }, 2, ': value 2 allowed -> refused'],
  ['one boolean', { type: 'boolean' }, { const: true }, false, ': value false allowed -> refused'],
  ['a minimum', number, { type: 'number', minimum: 1 }, 0, ': minimum none -> 1'],
  ['a higher minimum', { type: 'number', minimum: 1 }, { type: 'number', minimum: 2 }, 1, ': minimum 1 -> 2'],
  [
    'an open minimum',
    { type: 'number', minimum: 1 },
    { type: 'number', exclusiveMinimum: 1 },
    1,
    ': minimum 1 -> > 1',
  ],
  [
    'a lower maximum',
    { type: 'integer', maximum: 9 },
    { type: 'integer', maximum: 5 },
    9,
    ': maximum 9 -> 5',
  ],
  ['steps', number, { type: 'number', multipleOf: 2 }, 1, ': multipleOf none -> 2'],
  [
    'other steps',
    { type: 'number', multipleOf: 2 },
    { type: 'number', multipleOf: 4 },
    2,
    ': multipleOf 2 -> 4',
  ],
  ['a longer string', string, { type: 'string', minLength: 1 }, '', ': minLength none -> 1'],
  [
    'a shorter string',
    { type: 'string', maxLength: 9 },
    { type: 'string', maxLength: 2 },
    'abc',
    ': maxLength 9 -> 2',
  ],
  ['a pattern', string, { type: 'string', pattern: '^a' }, 'b', ': pattern none -> ^a'],
  ['a format', string, { type: 'string', format: 'email' }, 'b', ': format none -> email'],
  ['fewer items', { type: 'array' }, { type: 'array', maxItems: 1 }, [1, 2], ': maxItems none -> 1'],
  ['items of a type', { type: 'array' }, { type: 'array', items: string }, [1], '[]: type any -> string'],
  [
    'items narrowed',
    { type: 'array', items: number },
    { type: 'array', items: { type: 'integer' } },
    [0.5],
    '[]: type number -> integer',
  ],
  [
    'a place of a tuple',
    { type: 'array', prefixItems: [string, string] },
    { type: 'array', prefixItems: [string, number] },
    ['a', 'b'],
    '[1]: type string -> number',
  ],
  [
    'a shorter tuple',
    { type: 'array', prefixItems: [string, string], items: false },
    { type: 'array', prefixItems: [string], items: false },
    ['a', 'b'],
    '[1]: presence allowed -> refused',
  ],
  [
    'unique items',
    { type: 'array' },
    { type: 'array', uniqueItems: true },
    [1, 1],
    ': uniqueItems false -> true',
  ],
  [
    'deep inside',
    object({ a: object({ b: { type: 'array', items: object({ c: string }) } }) }),
    object({ a: object({ b: { type: 'array', items: object({ c: { type: 'string', maxLength: 1 } }) } }) }),
    { a: { b: [{ c: 'xx' }] } },
    'a.b[].c: maxLength none -> 1',
  ],
  [
    'values of a record',
    object({}, { additionalProperties: number }),
    object({}, { additionalProperties: { type: 'integer' } }),
    { k: 0.5 },
    '*: type number -> integer',
  ],
  [
    'a record gets a named member',
    { type: 'object', additionalProperties: number },
    object({ a: string }, { additionalProperties: number }),
    { a: 1 },
    'a: type number -> string',
  ],
  [
    'keys of a record',
    { type: 'object', propertyNames: string, additionalProperties: {} },
    { type: 'object', propertyNames: { enum: ['a'] }, additionalProperties: {} },
    { b: 1 },
    '{}: values string -> "a"',
  ],
  [
    'fewer properties',
    object({ a: string, b: string }),
    object({ a: string, b: string }, { maxProperties: 1 }),
    { a: '', b: '' },
    ': maxProperties none -> 1',
  ],
  [
    'an alternative less',
    { anyOf: [string, number, { type: 'null' }] },
    { anyOf: [string, number] },
    null,
    ': value null allowed -> refused',
  ],
  [
    'an alternative narrowed',
    { anyOf: [string, number] },
    { anyOf: [string, { type: 'number', minimum: 1 }] },
    0,
    ': minimum none -> 1',
  ],
  [
    'alternatives in place of one type',
    { type: ['string', 'number'] },
    { anyOf: [string, { type: 'integer' }] },
    0.5,
    ': type number -> integer',
  ],
  [
    'a union loses a member',
    { oneOf: [tag('a'), tag('b')] },
    { oneOf: [tag('a'), tag('c')] },
    { kind: 'b' },
    ': alternatives object -> none that takes it',
  ],
  [
    'a member of a union is narrowed',
    { oneOf: [tag('a', { x: number }), tag('b')] },
    { oneOf: [tag('a', { x: string }), tag('b')] },
    { kind: 'a', x: 1 },
    'x: type number -> string',
  ],
  ['more holds at once', string, { allOf: [string, { minLength: 2 }] }, 'a', ': minLength none -> 2'],
  [
    'less of two that hold at once',
    { allOf: [{ type: 'number', minimum: 1 }, { maximum: 9 }] },
    { type: 'number', minimum: 1, maximum: 5 },
    9,
    ': maximum 9 -> 5',
  ],
  [
    'by reference',
    { $ref: '#/$defs/a', $defs: { a: string } },
    { $ref: '#/$defs/a', $defs: { a: number } },
    'x',
    ': type string -> number',
  ],
  ['in a tree', tree(string), tree(number), { kids: [{ leaf: 'x' }] }, 'leaf: type string -> number'],
  [
    'nothing is taken',
    object({ a: string }),
    object({ a: false }),
    { a: 'x' },
    'a: presence allowed -> refused',
  ],
];

const KEPT: [string, Json, Json][] = [
  ['the same', object({ a: string }), object({ a: string })],
  [
    'words alone',
    object({ a: string }),
    object({ a: { ...string, description: 'x', title: 'y', default: '' } }, { title: 'z' }),
  ],
  [
    'a new optional property',
    object({ a: string }),
    object({ a: string, b: { type: 'array', maxItems: 1 } }),
  ],
  [
    'a property that is not required any more',
    object({ a: string }, { required: ['a'] }),
    object({ a: string }),
  ],
  ['a property gone from an open object', object({ a: string }), object({})],
  ['more types', string, { type: ['string', 'null'] }],
  ['an integer where any number goes', { type: 'integer' }, number],
  ['more values', { enum: ['a'] }, { enum: ['b', 'a'] }],
  ['an enum to its type', { type: 'string', enum: ['a', 'b'] }, { type: 'string', maxLength: 1 }],
  ['a const to an enum', { const: 3 }, { type: 'integer', enum: [3, 4] }],
  [
    'a wider range',
    { type: 'integer', minimum: 2, maximum: 4 },
    { type: 'number', exclusiveMinimum: 1, maximum: 9 },
  ],
  ['integers above an open limit', { type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }],
  ['finer steps', { type: 'integer', multipleOf: 4 }, { type: 'number', multipleOf: 2 }],
  ['an alternative more', { anyOf: [string, number] }, { anyOf: [number, { type: 'null' }, string] }],
  ['types to alternatives', { type: ['string', 'null'] }, { anyOf: [string, { type: 'null' }] }],
  ['alternatives to types', { anyOf: [string, { type: 'null' }] }, { type: ['null', 'string'] }],
  [
    'a member of a union more',
    { oneOf: [tag('a', { x: number })] },
    { oneOf: [tag('b'), tag('a', { x: number })] },
  ],
  ['one that becomes a union', tag('a'), { oneOf: [tag('a'), tag('b')] }],
  ['booleans to their values', { type: 'boolean' }, { enum: [true, false] }],
  [
    'what holds at once, as one',
    { allOf: [object({ a: string }), object({ b: number })] },
    object({ a: string, b: number }),
  ],
  ['a reference resolved', { $ref: '#/$defs/a', $defs: { a: string } }, string],
  [
    'a reference renamed',
    tree(string),
    {
      $ref: '#/$defs/other',
      $defs: { other: object({ leaf: string, kids: { type: 'array', items: { $ref: '#/$defs/other' } } }) },
    },
  ],
  [
    'a shorter array',
    { type: 'array', items: string, maxItems: 2 },
    { type: 'array', prefixItems: [string, string], items: false },
  ],
  ['what was never possible', object({ a: false }), object({ a: string })],
  [
    'a property named as a keyword',
    object({ title: string, description: number }),
    object({ title: string, description: number, enum: string }),
  ],
  [
    'a zod object that gains an optional one',
    z.toJSONSchema(z.object({ a: z.int() }), { io: 'input' }) as Json,
    z.toJSONSchema(z.object({ a: z.int(), b: z.email().optional() }), { io: 'input' }) as Json,
  ],
];

/** It can not be told whether a value is refused. */
const UNDECIDED: [string, Json, Json][] = [
  ['another pattern', { type: 'string', pattern: '^a' }, { type: 'string', pattern: '^[ab]' }],
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  ['a condition', string, { type: 'string', if: { minLength: 2 }, then: { maxLength: 3 } }],
  ['a negation', string, { type: 'string', not: { const: 'a' } }],
  [
    'alternatives that together may take all',
    number,
    {
      anyOf: [
        { type: 'number', minimum: 0 },
        { type: 'number', maximum: 1 },
      ],
    },
  ],
  ['alternatives that both take it', string, { oneOf: [string, { type: 'string', minLength: 1 }] }],
  ['a reference to another document', string, { $ref: 'https://example.com/a.json' }],
  [
    'other patterns of names',
    object({}, { patternProperties: { '^a': string } }),
    object({}, { patternProperties: { '^b': number } }),
  ],
  [
    'what is evaluated elsewhere',
    object({ a: string }),
    object({ a: string }, { unevaluatedProperties: false }),
  ],
];

describe('a schema that takes less', () => {
  test.each(NARROWED)('%s', (_name, before, after, witness, line) => {
    expect([takes(before, witness), takes(after, witness)]).toEqual([true, false]);
    expect(lines(before, after)[0]).toBe(line);
    expect(changesOf(before, after).some(({ certain }) => certain)).toBe(true);
  });
});

describe('a schema that takes as much', () => {
  test.each(KEPT)('%s', (_name, before, after) => expect(changesOf(before, after)).toEqual([]));
});

describe('what can not be decided is said to be so', () => {
  test.each(UNDECIDED)('%s', (_name, before, after) => {
    const changes = changesOf(before, after);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(({ certain }) => certain)).toEqual([]);
  });
});

describe('the comparison', () => {
  it('that finds nothing is right: what the one takes, the other takes', () => {
    let decided = 0;
    fc.assert(
      fc.property(
        jsonSchemas,
        jsonSchemas,
        fc.array(jsonValues, { minLength: 5, maxLength: 20 }),
        (before, after, values) => {
          const wider = { anyOf: [after, before] };
          for (const taken of [after, wider]) {
            if (changesOf(before, taken).length > 0) continue;
            decided++;
            const [sends, accepts] = [taker(withoutUnnamed(before) as Json), taker(taken)];
            for (const value of values)
              if (sends(value) && !accepts(value))
                throw new Error(
                  `${JSON.stringify(value)} fits ${JSON.stringify(before)}, not ${JSON.stringify(taken)}`,
                );
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
    expect(decided).toBeGreaterThan(30);
  });

  it('knows what is taken by one of two alternatives', () => {
    for (const one of KEPT.map(([, before]) => before))
      expect(
        changesOf(one, { anyOf: [{ const: 'nothing else' }, one] }).filter(({ certain }) => certain),
      ).toEqual([]);
  });

  it('of a schema with itself finds nothing, and ends, whatever the schema', () => {
    fc.assert(fc.property(jsonSchemas, (schema) => changesOf(schema, structuredClone(schema)).length === 0));
  });

  it.each([200, 50_000])('is given up, and says so, in schemas of %i levels', (levels) => {
    let before: Json = { type: 'string' };
    let after: Json = { type: 'string', maxLength: 3 };
    for (let depth = 0; depth < levels; depth++) {
      before = { type: 'array', items: before };
      after = { type: 'array', items: after };
    }
    expect(changesOf(before, after)).toMatchObject([{ what: 'schema', certain: false }]);
  });

  it('is given up in alternatives of alternatives', () => {
    const branches = (depth: number, leaf: Json): Json =>
      depth === 0
        ? leaf
        : {
            anyOf: [0, 1, 2].map((step) =>
              object({ [`k${step}`]: branches(depth - 1, leaf) }, { additionalProperties: false }),
            ),
          };
    const wide = changesOf(branches(7, string), branches(7, { ...string, minLength: 1 }));
    expect(wide.length).toBeGreaterThan(0);
    expect(wide.length).toBeLessThanOrEqual(200);
  });

  it('follows references that go in a circle', () => {
    const circle = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
    expect(changesOf(circle, string).length).toBeGreaterThan(0);
    expect(changesOf(string, circle).every(({ certain }) => !certain)).toBe(true);
  });

  it('of an answer knows that a server sends what it names', () => {
    const answer = object({ id: string }, { required: ['id'] });
    const closed = { ...answer, additionalProperties: false };
    const [found, ...more] = changesOf({ ...answer, additionalProperties: {} }, closed, false);
    expect([found?.certain, more]).toEqual([false, []]);
    const richer = {
      ...object({ id: string, at: number }, { required: ['id'] }),
      additionalProperties: false,
    };
    expect(changesOf(richer, closed, false)).toMatchObject([{ path: 'at', certain: true }]);
    expect(changesOf(richer, { ...answer, additionalProperties: {} }, false)).toEqual([]);
  });

  it.each([
    [null],
    ['x'],
    [3],
    [[]],
    [{ type: 7, properties: [], required: 'a', enum: 3, allOf: {}, items: 5 }],
  ])('takes what is no schema as one that says nothing: %j', (odd) => {
    expect(compareSchemas(odd, string, { sendsUnnamed: true })).toBeInstanceOf(Array);
    expect(compareSchemas(string, odd, { sendsUnnamed: true })).toBeInstanceOf(Array);
  });
});
