import { isDeepStrictEqual } from 'node:util';

/**
 * Equality of rows as data. An absent field and one that is undefined are equal, as are 0 and -0 (msgpack has no -0).
 * For a row of six fields some 10 times as fast as isDeepStrictEqual, which is left the types that rows seldom have.
 */
export function structuredEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b);
  }
  if (Array.isArray(a)) return Array.isArray(b) && arraysEqual(a, b);
  if (isPlain(a)) return isPlain(b) && objectsEqual(a, b);
  if (a instanceof Date) return b instanceof Date && Object.is(a.getTime(), b.getTime());
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Map) return b instanceof Map && mapsEqual(a, b);
  return isDeepStrictEqual(a, b);
}

export type Fields = Record<string, unknown>;

export function isPlain(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function arraysEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (!structuredEqual(a[index], b[index])) return false;
  }
  return true;
}

function objectsEqual(a: Fields, b: Fields): boolean {
  for (const field in a) if (!structuredEqual(a[field], b[field])) return false;
  for (const field in b) if (b[field] !== undefined && a[field] === undefined) return false;
  return true;
}

function mapsEqual(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !structuredEqual(value, b.get(key))) return false;
  return true;
}

/** The fields, of either row, in which the two differ. */
export function differingFields(a: object, b: object): string[] {
  const left = a as Fields;
  const right = b as Fields;
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...fields].filter((field) => !structuredEqual(left[field], right[field]));
}

/** A copy that a lens may spoil: containers are copied, leaves (dates, buffers) shared. */
export function cloneRow<Value>(value: Value): Value {
  return clone(value) as Value;
}

function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, clone(item)]));
  if (value instanceof Set) return new Set(value);
  if (!isPlain(value)) return value;
  const copy: Fields = {};
  for (const field in value) copy[field] = clone(value[field]);
  return copy;
}
