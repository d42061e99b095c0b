import { describe, expect, test } from 'vitest';
import { applyList, choiceFilter, type RowList, rowsOf, textFilter } from '../../src/ctl/list.ts';
import { ctl, fakeNode } from './support.ts';

interface Row {
  name: string | null;
  where: string;
  depth: number | null;
}

const ROWS: readonly Row[] = [
  { name: 'counter', where: 'runner 3.0.0', depth: 3 },
  { name: 'Clock', where: 'host', depth: null },
  { name: 'erlmcp.sup', where: 'host', depth: 12 },
  { name: null, where: 'runner 2.1.0', depth: 0 },
];

const LIST = rowsOf<Row>({
  filters: [
    textFilter('--name <pattern>', 'name', ({ name }) => name),
    choiceFilter('--where <where>', 'place', ['host'], ({ where }) => where),
  ],
  sorts: { depth: ({ depth }) => depth, name: ({ name }) => name },
});

const names = (options: Record<string, unknown>) =>
  applyList(LIST, ROWS, options).result.map(({ name }) => name);

describe('filters', () => {
  test.each([
    ['part of a text, in any case', 'c', ['counter', 'Clock', 'erlmcp.sup']],
    ['a pattern for all of it', 'c*', ['counter', 'Clock']],
    ['one character', '?lock', ['Clock']],
    ['a point is a point', 'erlmcp?sup', ['erlmcp.sup']],
    ['nothing else is special', 'erlmcp[.]*', []],
    ['many stars', `${'*'.repeat(200)}x`, []],
  ])('text: %s', (_, pattern, expected) => {
    expect(names({ name: pattern })).toEqual(expected);
  });

  test('add up', () => {
    expect(names({ name: 'c', where: 'host' })).toEqual(['Clock', 'erlmcp.sup']);
  });

  test('keep the order of the answer, unless --sort gives another', () => {
    expect(names({ sort: 'depth' })).toEqual(['erlmcp.sup', 'counter', null, 'Clock']);
    expect(names({ sort: 'name' })).toEqual(['Clock', 'counter', 'erlmcp.sup', null]);
    expect(names({})).toEqual(['counter', 'Clock', 'erlmcp.sup', null]);
  });
});

test('a limit says how many rows it leaves out, a filter that none is left', () => {
  expect(applyList(LIST, ROWS, { limit: 3 }).note).toBe('1 more row left out by --limit 3');
  expect(applyList(LIST, ROWS, { limit: 4 }).note).toBeUndefined();
  expect(applyList(LIST, ROWS, { name: 'x' }).note).toBe('None of 4 rows matches.');
  expect(applyList(LIST, [], { name: 'x' }).note).toBeUndefined();
});

test('rows may stand under a key; the rest of the answer stays', () => {
  const list: RowList<Row> = { at: 'rows' };
  expect(applyList(list, { total: 4, rows: ROWS }, { limit: 1 }).result).toEqual({
    total: 4,
    rows: [ROWS[0]],
  });
  expect(() => applyList(list, { total: 4 }, {})).toThrow('no list rows');
});

describe('on the command line', () => {
  test('rows, order and limit are the same for people and for --json', async () => {
    const home = await fakeNode();
    const args = ['registry', '--sort', 'name', '--limit', '1'];
    const people = await ctl(home, args);
    expect(people.stdout.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^counter/),
      '1 more row left out by --limit 1',
      '',
    ]);
    const json = await ctl(home, [...args, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject([{ name: 'counter' }]);
    expect(json.stderr).toBe('1 more row left out by --limit 1\n');
  });

  test.each([
    [['--limit', '0'], 'whole number of rows'],
    [['--limit', 'all'], 'whole number of rows'],
    [['--sort', 'colour'], 'Allowed choices are name, since'],
    [['--kind', 'demon'], 'Allowed choices are process, transport, application'],
  ])('64: %j', async (args, complaint) => {
    const { code, stderr } = await ctl('/nowhere', ['registry', ...args]);
    expect([code, stderr]).toEqual([64, expect.stringContaining(complaint)]);
  });
});
