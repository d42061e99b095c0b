import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSyntaxError, parseJson } from '../../src/host/config/json-positions.ts';

describe('JSON with positions', () => {
  test('reads what JSON.parse reads, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseJson(text).value).toEqual(JSON.parse(text));
      }),
    );
  });

  test('refuses what JSON.parse refuses, and nothing else', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      'true',
      'nul',
      ' ',
      '\n',
      '\\',
      '"',
      '.5',
      'e1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const ours = attempt(() => parseJson(text).value);
        if (String(ours.error).includes('twice')) return;
        const theirs = attempt(() => JSON.parse(text));
        expect(ours.error === undefined).toBe(theirs.error === undefined);
        expect(ours.value).toEqual(theirs.value);
        if (ours.error !== undefined) expect(ours.error).toBeInstanceOf(JsonSyntaxError);
      }),
      { numRuns: 5_000 },
    );
  });

  test('knows the place of every key and element, and of the nearest parent of one that is not there', () => {
    const { positionOf } = parseJson('{\n  "a": {"b": [\n    1,\n    {"c/d": 2}]}\n}');
    expect(positionOf([])).toEqual({ line: 1, column: 1 });
    expect(positionOf(['a'])).toEqual({ line: 2, column: 3 });
    expect(positionOf(['a', 'b'])).toEqual({ line: 2, column: 9 });
    expect(positionOf(['a', 'b', 0])).toEqual({ line: 3, column: 5 });
    expect(positionOf(['a', 'b', 1, 'c/d'])).toEqual({ line: 4, column: 6 });
    expect(positionOf(['a', 'x', 'y'])).toEqual({ line: 2, column: 3 });
  });
});

function attempt(read: () => unknown): { value?: unknown; error?: unknown } {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}
