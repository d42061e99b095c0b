/** Holds what came out against what the document shows. */
import type { Output } from './document.ts';
import { RunbookFailure } from './failure.ts';
import { lineMatches } from './wildcards.ts';

/** Values of the session's variables, put in the place of `$NAME`. */
export type Variables = ReadonlyMap<string, string>;

const VARIABLE = /\$([A-Za-z_]\w*)/g;

export const variablesIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => [...line.matchAll(VARIABLE)].map(([, name = '']) => name));

export const withValues = (line: string, variables: Variables): string =>
  line.replace(VARIABLE, (text, name: string) => variables.get(name) ?? text);

/** Throws at the first line that differs. @param typed the commands whose output it is */
export function compareOutput(
  shown: Output,
  actual: readonly string[],
  variables: Variables,
  typed: readonly string[],
): void {
  const expected = withoutBlankEnd(shown.lines).map((line) => withValues(line, variables));
  const found = withoutBlankEnd(actual);
  const index = firstDifference(expected, found);
  if (index === -1) return;
  throw new RunbookFailure(
    shown.line + Math.min(index, expected.length),
    'What comes out is not what is shown.',
    [
      `  shown:     ${expected[index] ?? NOTHING}`,
      `  came out:  ${found[index] ?? NOTHING}`,
      ...typed.map((command) => `  typed:     ${command}`),
      '  all that came out:',
      ...found.map((line) => `    ${line}`),
    ],
  );
}

const NOTHING = '(nothing more)';

/** -1: none. */
function firstDifference(expected: readonly string[], found: readonly string[]): number {
  const lines = Array.from({ length: Math.max(expected.length, found.length) }, (_, index) => index);
  return lines.findIndex((index) => {
    const [wanted, came] = [expected[index], found[index]];
    return wanted === undefined || came === undefined || !lineMatches(wanted, came);
  });
}

/** Where the shown lines stand in what has come so far, one after another; undefined: an operator would go on waiting. */
export function findShown(
  shown: Output,
  actual: readonly string[],
  variables: Variables,
): readonly string[] | undefined {
  const expected = withoutBlankEnd(shown.lines).map((line) => withValues(line, variables));
  for (let start = 0; start + expected.length <= actual.length; start++) {
    const found = actual.slice(start, start + expected.length);
    if (expected.every((line, index) => lineMatches(line, found[index]!))) return found;
  }
  return undefined;
}

function withoutBlankEnd(lines: readonly string[]): string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end--;
  return lines.slice(0, end);
}
