import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/admin/console/layout.ts';
import { literal } from '../../src/admin/console/literal.ts';
import { print } from '../../src/admin/console/print.ts';
import { printed } from '../../src/admin/console/printed.ts';
import { atom, equal, list, type Term, text } from '../../src/admin/console/terms.ts';
import { toTerm } from '../../src/admin/console/values.ts';
import { anyTerm } from './terms.ts';

interface Printed {
  source: string;
  printed: string;
  flat: string;
}

const { terms } = JSON.parse(
  readFileSync(new URL('./fixtures/erlang-printed.json', import.meta.url), 'utf8'),
) as { terms: Printed[] };

const read = (source: string): Term => {
  const term = literal(source);
  if (term === undefined) throw new Error(`not understood: ${source}`);
  return term;
};

describe('a term', () => {
  it.each(terms)('is printed as Erlang prints it: $source', ({ source, printed: shown, flat }) => {
    expect(print(read(source))).toBe(flat);
    expect(layOut(read(source))).toBe(shown);
  });

  it('is read back from what was printed, on one line or many', () => {
    fc.assert(
      fc.property(anyTerm, (term) => {
        expect(equal(read(print(term)), term)).toBe(true);
        expect(equal(read(layOut(term)), term)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is equal to itself, and to nothing that is printed otherwise', () => {
    fc.assert(
      fc.property(anyTerm, anyTerm, (one, other) => {
        expect(equal(one, one)).toBe(true);
        if (equal(one, other)) expect(print(one).length).toBe(print(other).length);
        else expect(print(one)).not.toBe(print(other));
      }),
    );
  });

  it('holds nothing that a terminal obeys', () => {
    const hostile = '\u001b[2J\u0007\u202e\u2028\u009b31m';
    for (const term of [
      atom(hostile),
      text(hostile),
      text(`x${hostile.slice(0, 1)}`),
      toTerm({ [hostile]: hostile }),
    ])
      expect(layOut(term)).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('values of the node', () => {
  it('become terms, whatever they are', () => {
    const cases: [unknown, string][] = [
      [
        { count: 0, name: 'counter', on: true, none: null, missing: undefined },
        '#{count => 0,name => "counter",on => true,none => undefined,missing => undefined}',
      ],
      [
        [1.5, Number.NaN, 2 ** 60, -0, 10n ** 20n],
        "[1.5,'NaN',1.152921504606847e18,0,100000000000000000000]",
      ],
      [new Map<unknown, unknown>([[{ a: 1 }, 'x']]), '#{#{a => 1} => "x"}'],
      [new Date('2026-11-24T00:00:00Z'), '"2026-11-24T00:00:00.000Z"'],
      [new Set(['a']), '["a"]'],
      [Buffer.from([0, 255]), '<<0,255>>'],
      ['\ud800', '"\ufffd"'],
      [() => 1, 'function'],
    ];
    for (const [value, shown] of cases) expect(print(toTerm(value))).toBe(shown);
  });

  it('are cut where they are too deep to be printed', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 50_000; depth++) deep = [deep];
    expect(layOut(toTerm(deep))).toContain("'...'");
  });

  it('are laid out in another process where they are large, with the same text', async () => {
    const rows = toTerm(Array.from({ length: 3_000 }, (_, key) => ({ key, text: 'x'.repeat(10) })));
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const shown = await printed(rows, new AbortController().signal);
    clearInterval(counting);
    expect(shown).toBe(layOut(rows));
    expect(turns).toBeGreaterThan(0);
    const gone = new AbortController();
    const unwanted = printed(rows, gone.signal);
    gone.abort();
    await expect(unwanted).rejects.toThrow('could not be printed');
  });

  it('count as a list of characters only where all of them are printable', () => {
    expect(print(list([104, 105]))).toBe('"hi"');
    expect(print(list([104, 1]))).toBe('[104,1]');
    expect(print(text(''))).toBe('[]');
  });
});
