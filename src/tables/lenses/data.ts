/** Rows as data, for code that may import nothing. What is equal here is equal for the store: undefined is absent, -0 is 0. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Undefined where there is no such field of the row's own. */
export const fieldOf = (row: Fields, field: string): unknown =>
  Object.hasOwn(row, field) ? row[field] : undefined;

export function without(row: Fields, field: string): Fields {
  const { [field]: _gone, ...rest } = row;
  return rest;
}

export const withField = (row: Fields, field: string, value: unknown): Fields =>
  value === undefined ? without(row, field) : { ...row, [field]: value };

/**
 * One text per value: equal values have equal texts, others different ones. Functions are all alike.
 * Hashes of released lenses are made of these texts, so that none may ever change.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(value === 0 ? 0 : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  return isFields(value) ? `{${fieldTexts(value).join()}}` : textOfOther(value);
}

const fieldTexts = (value: Fields): string[] =>
  Object.keys(value)
    .filter((field) => value[field] !== undefined)
    .sort()
    .map((field) => `${JSON.stringify(field)}:${textOf(value[field])}`);

function textOfOther(value: object): string {
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Uint8Array) return `Bytes(${Buffer.from(value).toString('base64')})`;
  if (value instanceof Map) return `Map(${[...value].map(textOf).sort().join()})`;
  if (value instanceof Set) return `Set(${[...value].map(textOf).sort().join()})`;
  if (value instanceof RegExp) return `RegExp(${String(value)})`;
  return `${Object.prototype.toString.call(value)}(${fieldTexts({ ...value }).join()})`;
}

export const same = (a: unknown, b: unknown): boolean => a === b || textOf(a) === textOf(b);

/** A copy that shares nothing that could be changed. */
export function copy<Value>(value: Value): Value {
  return copied(value) as Value;
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  if (!isFields(value)) return structuredClone(value);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, copied(inner)]));
}
