/**
 * Two schemas that hold at once, as one. Where that can not be said in one schema the result takes more than both, never less,
 * and is not exact.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  asSchema,
  isObject,
  namesIn,
  type Schema,
  type SchemaObject,
  schemaList,
  schemaMap,
} from './json-schema.ts';

export interface Intersection {
  schema: Schema;
  exact: boolean;
}

const MAX_ALTERNATIVES = 64;
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/** undefined: the two can not be one keyword. */
type Merge = (one: unknown, other: unknown) => unknown;

const limit =
  (pick: (one: number, other: number) => number): Merge =>
  (one, other) =>
    typeof one === 'number' && typeof other === 'number' ? pick(one, other) : undefined;

const MERGES: Readonly<Record<string, Merge>> = {
  type: commonTypes,
  required: (one, other) => [...new Set([...namesIn(one), ...namesIn(other)])],
  properties: bothProperties,
  enum: (one, other) =>
    listed(one).filter((value) => listed(other).some((seen) => isDeepStrictEqual(value, seen))),
  allOf: (one, other) => [...listed(one), ...listed(other)],
  anyOf: alternatives,
  additionalProperties: narrower,
  items: narrower,
  ...Object.fromEntries(LOWER.map((keyword) => [keyword, limit(Math.max)])),
  ...Object.fromEntries(UPPER.map((keyword) => [keyword, limit(Math.min)])),
};

export function intersection(one: Schema, other: Schema): Intersection {
  if (one === false || other === false) return { schema: false, exact: true };
  if (one === true) return { schema: other, exact: true };
  if (other === true) return { schema: one, exact: true };
  const merged: Record<string, unknown> = { ...one };
  let exact = !closesOther(one, other);
  for (const [key, value] of Object.entries(other)) {
    if (!(key in one)) merged[key] = value;
    else if (!isDeepStrictEqual(one[key], value)) {
      const both = MERGES[key]?.(one[key], value);
      if (both !== undefined) merged[key] = both;
      else exact = false;
    }
  }
  const impossible = Array.isArray(merged.type) && merged.type.length === 0;
  return { schema: impossible ? false : merged, exact };
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const typeList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function commonTypes(one: unknown, other: unknown): unknown[] {
  const [ours, theirs] = [typeList(one), typeList(other)];
  const common = ours.filter((type) => theirs.includes(type));
  const number = ours.includes('number') || theirs.includes('number');
  const integer = ours.includes('integer') || theirs.includes('integer');
  const neither = !common.includes('number') && !common.includes('integer');
  const both = (list: readonly unknown[]): boolean => list.includes('number') || list.includes('integer');
  return number && integer && neither && both(ours) && both(theirs) ? [...common, 'integer'] : common;
}

function bothProperties(one: unknown, other: unknown): SchemaObject {
  const merged: Record<string, unknown> = Object.fromEntries(schemaMap(one));
  for (const [name, schema] of schemaMap(other))
    merged[name] = Object.hasOwn(merged, name) ? { allOf: [merged[name], schema] } : schema;
  return merged;
}

/** Each of the one with each of the other. */
function alternatives(one: unknown, other: unknown): unknown {
  const [ours, theirs] = [schemaList(one) ?? [], schemaList(other) ?? []];
  if (ours.length * theirs.length > MAX_ALTERNATIVES) return undefined;
  return ours.flatMap((ourBranch) => theirs.map((theirBranch) => ({ allOf: [ourBranch, theirBranch] })));
}

function narrower(one: unknown, other: unknown): unknown {
  const [ours, theirs] = [asSchema(one), asSchema(other)];
  if (ours === false || theirs === false) return false;
  if (ours === true) return theirs;
  return theirs === true ? ours : { allOf: [ours, theirs] };
}

/** What the one says of unnamed properties or further items hits what only the other names. */
function closesOther(one: SchemaObject, other: SchemaObject): boolean {
  const closes = (schema: SchemaObject): boolean =>
    ['additionalProperties', 'patternProperties', 'items'].some((key) => restricts(schema[key]));
  if (!closes(one) && !closes(other)) return false;
  const names = (schema: SchemaObject): string[] => [...schemaMap(schema.properties).keys()].sort();
  const prefix = (schema: SchemaObject): number => schemaList(schema.prefixItems)?.length ?? 0;
  return !isDeepStrictEqual(names(one), names(other)) || prefix(one) !== prefix(other);
}

const restricts = (value: unknown): boolean =>
  value !== undefined && value !== true && !(isObject(value) && Object.keys(value).length === 0);
