/** Tables of values for `convert`. */
import { textOf } from './data.ts';
import { Misfit, shortText } from './misfit.ts';

export type Scalar = string | number | boolean | null;

/** For strings an object by older value; for all scalars a list of pairs. */
export type ValueTable<From, To> =
  | ([From] extends [string] ? { readonly [Key in From]: To } : never)
  | readonly (readonly [From, To])[];

type Pair = readonly [from: unknown, to: unknown];
export type Lookup = (value: unknown) => unknown;

/** @throws TypeError for a value twice, and for what is no table */
export function valueTable(field: string, table: unknown): Lookup {
  return lookup(field, pairsOf(field, table));
}

/** @throws TypeError for a table that leads from two values to one */
export function inverse(field: string, table: unknown): Lookup {
  const swapped = pairsOf(field, table).map(([from, to]): Pair => [to, from]);
  return lookup(field, swapped, '; say in `down` which it becomes again');
}

/** @throws TypeError where `down` does not take a value that `table` leads to */
export function checkReturn(field: string, table: unknown, down: Lookup): void {
  for (const [, to] of pairsOf(field, table)) {
    try {
      down(to);
    } catch {
      throw new TypeError(`convert ${field}: no way back leads from ${shortText(to)}`);
    }
  }
}

function lookup(field: string, pairs: readonly Pair[], remedy = ''): Lookup {
  const values = new Map<string, unknown>();
  for (const [from, to] of pairs) {
    const text = textOf(from);
    if (values.has(text)) throw new TypeError(`convert ${field}: ${text} is in the table twice${remedy}`);
    values.set(text, to);
  }
  return (value) => {
    const text = textOf(value);
    if (!values.has(text)) throw new Misfit('', `no value stands in the table for ${shortText(value)}`);
    return values.get(text);
  };
}

function pairsOf(field: string, table: unknown): readonly Pair[] {
  const pairs: unknown = Array.isArray(table) ? table : Object.entries(Object(table));
  const isTable = typeof table === 'object' && table !== null;
  if (isTable && (pairs as unknown[]).every(isPair)) return pairs as Pair[];
  throw new TypeError(`convert ${field}: needs a function or a table of numbers, strings, booleans and null`);
}

const isPair = (pair: unknown): boolean =>
  Array.isArray(pair) && pair.length === 2 && pair.every((part) => part === null || SCALARS.has(typeof part));

const SCALARS: ReadonlySet<string> = /* @__PURE__ */ new Set(['string', 'number', 'boolean']);
