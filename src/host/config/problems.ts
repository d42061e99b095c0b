import type { z } from 'zod';
import type { JsonPath } from './json-positions.ts';
import { CONFIG_KEYS } from './keys.ts';

/** What zod finds wrong, in words for an operator: one problem per key, with the value that was found. */

export interface ValueProblem {
  path: JsonPath;
  what: string;
}

const KEY_WORDS = new Set(CONFIG_KEYS.flatMap(({ path }) => path));

export function findProblems(schema: z.ZodType, value: unknown): ValueProblem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, value));
  // zod names the limit of whole numbers before the key's own.
  return [...new Map(problems.map((problem) => [JSON.stringify(problem.path), problem])).values()];
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): ValueProblem[] {
  const path = issue.path as JsonPath;
  if (issue.code !== 'unrecognized_keys') return [{ path, what: describe(issue, valueAt(value, path)) }];
  return issue.keys.map((key) => ({ path: [...path, key], what: `unknown key${suggest(key)}` }));
}

function describe(issue: z.core.$ZodIssue, found: unknown): string {
  const shown = found === undefined ? '' : `, but it is ${shorten(JSON.stringify(found))}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.expected === 'int' ? 'a whole number' : `a value of type ${issue.expected}`} is needed${shown}`;
    case 'too_small':
      return `at least ${issue.minimum} is needed${shown}`;
    case 'too_big':
      return `at most ${issue.maximum} is allowed${shown}`;
    case 'invalid_value':
      return `one of ${issue.values.map((each) => JSON.stringify(each)).join(', ')} is needed${shown}`;
    default:
      return `${issue.message}${shown}`;
  }
}

function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>(
    (at, name) => (at as Record<string | number, unknown> | undefined)?.[name],
    value,
  );
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);

function suggest(key: string): string {
  const near = [...KEY_WORDS].find(
    (word) => distance(word, key.toLowerCase()) <= Math.min(2, word.length - 2),
  );
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

/** Levenshtein: the fewest letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
