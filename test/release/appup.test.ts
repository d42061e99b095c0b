import { describe, expect, test } from 'vitest';
import { defineAppup, mergeChains } from '../../src/release/appup.ts';
import { lensHash, shapeHash } from '../../src/release/build/lens-hash.ts';
import type { Chain } from '../../src/tables/types.ts';

const lens = { up: (row: unknown) => row, down: (row: unknown) => row };

describe('an appup', () => {
  test('is taken as it is written', () => {
    const tables = { notes: [{ version: 1 }, { version: 2, lens }] };
    const appup = defineAppup({ application: 'workspace', tables });
    expect(appup).toEqual({ application: 'workspace', tables, servers: {} });
    expect(Object.isFrozen(appup)).toBe(true);
    expect(
      mergeChains([appup, defineAppup({ application: 'other', tables: { a: [{ version: 1 }] } })]),
    ).toEqual({
      tables: { ...tables, a: [{ version: 1 }] },
      servers: {},
    });
  });

  const bad: [string, unknown, string][] = [
    ['no step', [], 'a chain is a list of at least one step'],
    [
      'versions that fall',
      [{ version: 2 }, { version: 1, lens }],
      'step 2: version must be a whole number above 2, and is 1',
    ],
    [
      'a version twice',
      [{ version: 1 }, { version: 1, lens }],
      'step 2: version must be a whole number above 1, and is 1',
    ],
    ['no whole version', [{ version: 1.5 }], 'step 1: version must be a whole number above 0, and is 1.5'],
    [
      'a first step with a lens',
      [{ version: 1, lens }],
      'version 1 is the first and has nothing to be made of',
    ],
    [
      'a step without lens',
      [{ version: 1 }, { version: 2 }],
      'version 2: needs a lens from the version before it',
    ],
    [
      'a lens without down',
      [{ version: 1 }, { version: 2, lens: { up: lens.up } }],
      'version 2: its lens needs functions up and down',
    ],
    [
      'a put that is no function',
      [{ version: 1 }, { version: 2, lens: { ...lens, put: 1 } }],
      'version 2: put of its lens must be a function',
    ],
  ];
  test.each(bad)('is refused with its place: %s', (_name, chain, problem) => {
    expect(() => defineAppup({ application: 'workspace', tables: { notes: chain as Chain } })).toThrow(
      `appup of workspace: table notes: ${problem}`,
    );
    expect(() => defineAppup({ application: 'workspace', servers: { counter: chain as Chain } })).toThrow(
      `appup of workspace: server counter: ${problem}`,
    );
  });
});

describe('the hash of a lens', () => {
  const evaluate = (text: string): Chain => new Function(`${text}\nreturn chain;`)() as Chain;
  const hashOf = (text: string): Promise<string | null> => lensHash(evaluate(text).at(-1)!, text);
  const bundle = (helper: string, body = 'clean(row)', more = ''): string => `// a comment with a path
function deep(x) {
  return ${helper};
}
var clean = (row) => {
  return deep(row);
};
${more}var chain = [
  { version: 1 },
  { version: 2, lens: { up: (row) => ${body}, down: (row) => row } }
];`;

  test('covers the lens and every helper that it reaches', async () => {
    const plain = await hashOf(bundle('x'));
    expect(await hashOf(bundle('x'))).toBe(plain);
    expect(await hashOf(bundle('x + 1'))).not.toBe(plain);
    expect(await hashOf(bundle('x', 'row'))).not.toBe(plain);
  });

  test('does not change with code that it does not reach, nor with layout', async () => {
    const plain = await hashOf(bundle('x'));
    expect(await hashOf(bundle('x', 'clean(row)', 'function unused() {\n  return 1;\n}\n'))).toBe(plain);
    expect(await hashOf(bundle('x').replace('a path', 'another'))).toBe(plain);
    expect(await hashOf(bundle('x', '/* tidy */ clean( row )'))).toBe(plain);
    expect(await hashOf(bundle('x // as it is'))).toBe(plain);
    expect(await hashOf(bundle('x', 'row'))).toBe(await hashOf(bundle('x + 1', 'row')));
  });

  test('is nothing for a first version', async () => {
    expect(await lensHash({ version: 1 }, bundle('x'))).toBeNull();
  });
});

test('the hash of a shape does not depend on the order of keys', () => {
  expect(shapeHash({ a: 1, b: { c: [1, 2], d: 2 } })).toBe(shapeHash({ b: { d: 2, c: [1, 2] }, a: 1 }));
  expect(shapeHash({ a: [1, 2] })).not.toBe(shapeHash({ a: [2, 1] }));
  expect(shapeHash(null)).toBeNull();
});
