import { printKey, TableError } from './table-error.ts';
import type { KeyPart, TableKey } from './types.ts';

/**
 * Which values may be keys. The byte form of keys (ordered-binary) is ambiguous outside of these limits: an array of one
 * part reads back as its part, long strings do not escape the control characters that separate parts, and -0 is not 0.
 */

/** In bytes; LMDB's own limit is 1,978, and the entries of an index hold the values and the key of a row. */
const MAX_KEY_BYTES = 1_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const SEPARATORS = /[\u0000-\u0004]/;

/** The key, normalised; throws `bad_key` for anything that can't be one. */
export function checkKey<Key extends TableKey>(table: string, key: Key): Key {
  if (typeof key === 'string') {
    checkString(table, key, key);
    if (key.length * 3 > MAX_KEY_BYTES) checkSize(table, key, Buffer.byteLength(key));
    return key;
  }
  if (!Array.isArray(key)) return checkPart(table, key, key as KeyPart) as Key;
  if (key.length < 2) refuse(table, key, 'a compound key has two parts or more');
  const parts = key.map((part: KeyPart) => checkPart(table, key, part));
  checkSize(
    table,
    key,
    parts.reduce<number>((size, part) => size + sizeOf(part), 0),
  );
  return parts as readonly KeyPart[] as Key;
}

function checkPart(table: string, key: TableKey, part: KeyPart): KeyPart {
  if (typeof part === 'string') checkString(table, key, part);
  else if (typeof part === 'number') {
    if (!Number.isFinite(part)) refuse(table, key, 'a number in a key must be finite');
    return part === 0 ? 0 : part;
  } else if (typeof part !== 'boolean')
    refuse(table, key, 'a key is a string, a number, a boolean or an array of them');
  return part;
}

function checkString(table: string, key: TableKey, part: string): void {
  if (SEPARATORS.test(part) || !part.isWellFormed()) {
    refuse(table, key, 'a string in a key must be well-formed Unicode without U+0000 to U+0004');
  }
}

const sizeOf = (part: KeyPart): number => (typeof part === 'string' ? Buffer.byteLength(part) : 9) + 2;

function checkSize(table: string, key: TableKey, size: number): void {
  if (size > MAX_KEY_BYTES) refuse(table, key, `the key has ${size} bytes, ${MAX_KEY_BYTES} is the limit`);
}

function refuse(table: string, key: TableKey, sentence: string): never {
  throw new TableError('bad_key', `${printKey(key).slice(0, 80)} can't be a key: ${sentence}`, { table });
}

export function keysEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((part, index) => part === b[index]);
}

/** A primitive that stands for the key in a Map; no string key begins with U+0000. */
export const keyId = (key: TableKey): KeyPart =>
  typeof key === 'object' ? `\u0000${JSON.stringify(key)}` : key;

/** The first string after all that begin with `prefix` in the order of code points; undefined where there is none. */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
