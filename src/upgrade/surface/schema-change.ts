/** One place at which a schema takes less than another one lets be sent. */
import type { Schema, SchemaObject } from './json-schema.ts';

export interface SchemaChange {
  /** `filter.tags[]`; empty for the whole. */
  path: string;
  /** The keyword, or what is at stake, such as `presence`. */
  what: string;
  /** What may be sent there, and what is taken. */
  sent: string;
  taken: string;
  /** Whether a value exists that can be sent and is refused; otherwise it could not be decided. */
  certain: boolean;
}

/** Every place at which a value that `sent` lets pass may be refused by `taken`; none: all are taken. */
export type Compare = (sent: Schema, taken: Schema, path: string) => SchemaChange[];

/** Two schemas of the same place, both without `$ref`, `allOf`, `anyOf` and `oneOf`. */
export interface Pair {
  sent: SchemaObject;
  taken: SchemaObject;
  path: string;
  compare: Compare;
  /** Whether properties are sent that no schema names. */
  sendsUnnamed: boolean;
}

const MAX_TEXT = 60;

export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

export const quoted = (value: unknown): string => shown(JSON.stringify(value));

export const change = (
  path: string,
  what: string,
  sent: unknown,
  taken: unknown,
  certain = true,
): SchemaChange => ({ path, what, sent: shown(sent), taken: shown(taken), certain });

export const undecided = (changes: readonly SchemaChange[]): SchemaChange[] =>
  changes.map((found) => ({ ...found, certain: false }));

export const memberPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
