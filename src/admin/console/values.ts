/**
 * Terms and values of JavaScript, each as the other. Towards TypeScript: `{ok, X}` is X, `{error, R}` is thrown, an atom is a string (true,
 * false and undefined are themselves), a list of pairs that begin with atoms an object.
 */
import { tuple as errorTuple, OperatorError } from '../../errors/index.ts';
import { print, textOf } from './print.ts';
import {
  type AtomTerm,
  atom,
  boolean,
  float,
  integer,
  isAtom,
  list,
  MAX_DEPTH,
  map,
  type Term,
  text,
  UNDEFINED,
} from './terms.ts';

/** A value of the node. Keys of objects are atoms, strings strings; what is deeper than MAX_DEPTH is cut. */
export function toTerm(value: unknown, depth = 0): Term {
  if (depth > MAX_DEPTH) return atom('...');
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'boolean') return boolean(value);
  if (value === undefined || value === null) return UNDEFINED;
  if (typeof value !== 'object') return atom(typeof value);
  if (Array.isArray(value)) return list(value.map((entry) => toTerm(entry, depth + 1)));
  if (value instanceof Uint8Array) return { type: 'binary', bytes: value };
  if (value instanceof Date)
    return text(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString());
  if (value instanceof Set) return toTerm([...value], depth);
  const pairs =
    value instanceof Map
      ? Array.from(value, ([key, entry]) => [toTerm(key, depth + 1), toTerm(entry, depth + 1)] as const)
      : Object.entries(value).map(([key, entry]) => [atom(key), toTerm(entry, depth + 1)] as const);
  return map(pairs);
}

function number(value: number): Term {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return Number.isFinite(value) ? float(value) : atom(String(value));
}

/** For TypeScript and JSON. Throws OperatorError for `{error, Reason}`. */
export function fromResult(term: Term): unknown {
  if (typeof term !== 'object' || term.type !== 'tuple' || term.elements.length !== 2) return fromTerm(term);
  const [tag, value] = term.elements as [Term, Term];
  if (isAtom(tag) && tag.name === 'ok') return fromTerm(value);
  if (isAtom(tag) && tag.name === 'error')
    throw new OperatorError(
      errorTuple('error', print(value)),
      'The function answered with an error.',
      'See its reason.',
    );
  return fromTerm(term);
}

export function fromTerm(term: Term): unknown {
  if (typeof term !== 'object') return term;
  switch (term.type) {
    case 'atom':
      return fromAtom(term);
    case 'float':
      return term.value;
    case 'binary':
      return textOf(term.bytes) ?? term.bytes;
    case 'pid':
      return term.text;
    case 'map':
      return Object.fromEntries(term.pairs.map(([key, value]) => [keyOf(key), fromTerm(value)]));
    case 'list':
      if (term.elements.length > 0 && term.elements.every(isProperty)) return fromProperties(term.elements);
  }
  return term.elements.map(fromTerm);
}

const ATOMS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['undefined', undefined],
]);

const fromAtom = ({ name }: AtomTerm): unknown => (ATOMS.has(name) ? ATOMS.get(name) : name);

const keyOf = (key: Term): string => (isAtom(key) ? key.name : typeof key === 'string' ? key : print(key));

type Property = { readonly type: 'tuple'; readonly elements: readonly [AtomTerm, Term] };

const isProperty = (term: Term): term is Property =>
  typeof term === 'object' &&
  term.type === 'tuple' &&
  term.elements.length === 2 &&
  isAtom(term.elements[0]!);

const fromProperties = (properties: readonly Property[]): unknown =>
  Object.fromEntries(properties.map(({ elements: [key, value] }) => [key.name, fromTerm(value)]));

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Null where there is no JSON for it. */
export function toJson(value: unknown): Json {
  try {
    const json = JSON.stringify(value, (_key, entry) => (typeof entry === 'bigint' ? String(entry) : entry));
    return json === undefined ? null : (JSON.parse(json) as Json);
  } catch {
    return null;
  }
}
