import { describe, expect, it, test } from 'vitest';
import { compareSurfaces } from '../../src/upgrade/surface/compare-surfaces.ts';
import { matchesTemplate } from '../../src/upgrade/surface/uri-templates.ts';
import type { Surface } from '../../src/wire/index.ts';

const surface = (more: Partial<Surface> = {}): Surface => ({
  tools: [],
  prompts: [],
  resources: [],
  resourceTemplates: [],
  capabilities: {},
  ...more,
});
const tool = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  readOnly: false,
  idempotent: false,
  definition: { name, inputSchema: { type: 'object', properties: {} }, ...more },
});
const shape = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  ...more,
});
const open = { additionalProperties: {} };
const closed = { additionalProperties: false };
const changes = async (before: Partial<Surface>, after: Partial<Surface>) =>
  (await compareSurfaces(surface(before), surface(after))).map(({ weight, subject, what, detail }) =>
    [weight, subject, what, detail].filter(Boolean).join(' | '),
  );
const answer = (outputSchema: unknown): Partial<Surface> => ({ tools: [tool('a', { outputSchema })] });

const CASES: [string, Partial<Surface>, Partial<Surface>, string[]][] = [
  [
    'a tool gone',
    { tools: [tool('a'), tool('b')] },
    { tools: [tool('b'), tool('c')] },
    ['breaking | tool a | gone'],
  ],
  [
    'a parameter required',
    { tools: [tool('a')] },
    { tools: [tool('a', { inputSchema: shape({ x: {} }, { required: ['x'] }) })] },
    ['breaking | tool a | input narrowed | x: presence optional -> required'],
  ],
  [
    'a pattern changed',
    { tools: [tool('a', { inputSchema: shape({ x: { type: 'string', pattern: '^a' } }) })] },
    { tools: [tool('a', { inputSchema: shape({ x: { type: 'string', pattern: '^b' } }) })] },
    ['undecided | tool a | input changed | x: pattern ^a -> ^b'],
  ],
  [
    'an open answer that gains a field',
    answer(shape({ x: {} }, open)),
    answer(shape({ x: {}, y: {} }, open)),
    ['note | tool a | output changed | what clients hold still takes it'],
  ],
  [
    'a closed answer that gains a field',
    answer(shape({ x: {} }, closed)),
    answer(shape({ x: {}, y: {} }, closed)),
    ['breaking | tool a | output widened | y: presence refused -> allowed'],
  ],
  [
    'an answer that may lack a field',
    answer(shape({ x: {} }, { ...open, required: ['x'] })),
    answer(shape({ x: {} }, open)),
    ['breaking | tool a | output widened | x: presence required -> optional'],
  ],
  [
    'an answer of another type',
    answer(shape({ x: { type: 'string' } }, open)),
    answer(shape({ x: { type: 'number' } }, open)),
    ['breaking | tool a | output widened | x: type string -> number'],
  ],
  [
    'a closed answer opened',
    answer(shape({ x: {} }, closed)),
    answer(shape({ x: {} }, open)),
    ['undecided | tool a | output changed | *: presence refused -> ignored'],
  ],
  [
    'an output schema gone',
    answer(shape({})),
    { tools: [tool('a')] },
    ['breaking | tool a | output schema gone'],
  ],
  ['an output schema that is new', { tools: [tool('a')] }, answer(shape({})), []],
  [
    'words changed',
    { tools: [tool('a', { description: 'x' })] },
    { tools: [tool('a', { description: 'y' })] },
    [],
  ],
  ['a prompt gone', { prompts: [{ name: 'p' }] }, {}, ['breaking | prompt p | gone']],
  [
    'arguments of a prompt',
    { prompts: [{ name: 'p', arguments: [{ name: 'x' }, { name: 'z', required: true }] }] },
    { prompts: [{ name: 'p', arguments: [{ name: 'x', required: true }, { name: 'y' }] }] },
    [
      'breaking | prompt p | input narrowed | x: presence optional -> required',
      'undecided | prompt p | input changed | z: gone',
    ],
  ],
  ['a resource gone', { resources: [{ uri: 'a://b' }] }, {}, ['breaking | resource a://b | gone']],
  [
    'a resource that a template has now',
    { resources: [{ uri: 'a://b' }] },
    { resourceTemplates: [{ uriTemplate: 'a://{id}' }] },
    ['note | resource a://b | not listed | a template has its URI'],
  ],
  [
    'what a template listed',
    { resources: [{ uri: 'a://1' }], resourceTemplates: [{ uriTemplate: 'a://{id}' }] },
    { resourceTemplates: [{ uriTemplate: 'a://{id}' }] },
    [],
  ],
  [
    'a template gone',
    { resources: [{ uri: 'a://1' }], resourceTemplates: [{ uriTemplate: 'a://{id}' }] },
    {},
    ['breaking | template a://{id} | gone'],
  ],
  [
    'capabilities gone',
    {
      capabilities: {
        logging: {},
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
      },
    },
    { capabilities: { tools: { listChanged: true }, resources: { subscribe: false, listChanged: true } } },
    ['breaking | capability logging | gone', 'breaking | capability resources.subscribe | gone'],
  ],
  ['capabilities that are new', {}, { capabilities: { logging: {} } }, []],
  [
    'a list that could not be read',
    { prompts: [{ name: 'p' }], tools: [tool('a')] },
    { unread: { prompts: 'no process counter' } },
    ['undecided | prompts | not read | no process counter', 'breaking | tool a | gone'],
  ],
  [
    'a name that is no plain text',
    { tools: [tool('a\u001b[31m\nb')] },
    {},
    ['breaking | tool a?[31m?b | gone'],
  ],
];

describe('between two servers', () => {
  test.each(CASES)('%s', async (_name, before, after, expected) => {
    expect(await changes(before, after)).toEqual(expected);
    expect(await changes(before, before)).toEqual(
      before.unread === undefined ? [] : [expect.stringContaining('not read')],
    );
  });

  it('others have their turn while thousands of tools are compared', async () => {
    const deep = (leaf: string) => {
      let schema: unknown = { type: leaf };
      for (let depth = 0; depth < 30; depth++) schema = shape({ a: schema, b: { enum: [depth, leaf] } });
      return schema;
    };
    const many = (leaf: string) =>
      Array.from({ length: 1_000 }, (_, index) => tool(`t${index}`, { inputSchema: deep(leaf) }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const found = await compareSurfaces(
      surface({ tools: many('string') }),
      surface({ tools: many('number') }),
    );
    clearInterval(timer);
    expect(found).toHaveLength(1_000);
    expect(turns).toBeGreaterThan(1);
  });
});

describe('a template of URIs', () => {
  test.each([
    ['a://{id}', 'a://1', true],
    ['a://{id}', 'b://1', false],
    ['a://{id}/x/{name}.txt', 'a://1/x/y.txt', true],
    ['a://{id}/x/{name}.txt', 'a://1/y/y.txt', false],
    ['a://{id}/x', 'a://1/x/more', false],
    ['a://fixed', 'a://fixed', true],
    ['a://fixed', 'a://fixed2', false],
    ['aba{x}ba', 'aba', false],
    ['{+any}', 'what://ever', true],
  ])('%s has %s: %s', (template, uri, expected) => expect(matchesTemplate(uri, template)).toBe(expected));

  it('takes no time with one that is made to', () => {
    expect(matchesTemplate(`${'a'.repeat(50_000)}c`, `${'{x}a'.repeat(2_000)}{y}b`)).toBe(false);
  });
});
