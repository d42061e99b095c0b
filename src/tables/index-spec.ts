/**
 * What an index is: fields of the row as one version of the table sees it. Only field names, so that the code of every
 * version can keep the indexes of every other.
 */
import { TableError } from './table-error.ts';
import type { IndexSpec, KeyPart, TableShape } from './types.ts';

export interface IndexShape {
  /** The fields, joined by `+`. */
  readonly name: string;
  readonly fields: readonly string[];
}

/** What stands in an entry of a longer string; rows that agree so far stand in the order of their keys. */
const CUT = 192;
const MAX_FIELDS = 4;

export function indexShapes({ name: table, index = [] }: Pick<TableShape, 'name' | 'index'>): IndexShape[] {
  const shapes = index.map((spec: IndexSpec) => {
    const fields = typeof spec === 'string' ? [spec] : [...spec];
    return { name: fields.join('+'), fields };
  });
  const refuse = (sentence: string): never => {
    throw new TableError('bad_table', sentence, { table });
  };
  for (const { name, fields } of shapes) {
    if (fields.length === 0 || fields.length > MAX_FIELDS) refuse(`an index has 1 to ${MAX_FIELDS} fields`);
    if (fields.some((field) => typeof field !== 'string' || field === ''))
      refuse('an index is made of names of fields');
    if (shapes.filter((other) => other.name === name).length > 1) refuse(`index ${name} is declared twice`);
  }
  return shapes;
}

/** The row's values in the index; undefined where a field holds no string, finite number or boolean: it is not in the index. */
export function valuesOf(fields: readonly string[], row: object): KeyPart[] | undefined {
  const value: KeyPart[] = [];
  for (const field of fields) {
    const part = (row as Record<string, unknown>)[field];
    if (!isPart(part)) return undefined;
    value.push(part);
  }
  return value;
}

/** As values stand in entries. */
export const cut = (part: KeyPart): KeyPart => {
  if (typeof part === 'number') return part === 0 ? 0 : part;
  if (typeof part !== 'string') return part;
  const safe = part.replaceAll(SEPARATORS, ' ').toWellFormed();
  // A cut through a surrogate pair would not be well-formed.
  return safe.length <= CUT ? safe : safe.slice(0, CUT).replace(/[\ud800-\udbff]$/, '');
};

/** The bytes of entries (ordered-binary) do not escape them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
const SEPARATORS = /[\u0000-\u0004]/g;

const isPart = (part: unknown): part is KeyPart =>
  typeof part === 'string' ||
  typeof part === 'boolean' ||
  (typeof part === 'number' && Number.isFinite(part));
