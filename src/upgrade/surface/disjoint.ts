/** Whether two schemas can not take the same value: so that of several alternatives the one that is meant can be told. */
import { isDeepStrictEqual } from 'node:util';
import { kindsOf, namesIn, type Schema, type SchemaObject, schemaMap, valuesOf } from './json-schema.ts';

/** Deeper than the tag of a union they are taken to meet. */
const MAX_DEPTH = 3;

/** Replaces a schema that is a bare reference by what it names. */
export type Follow = (schema: Schema) => Schema;

export interface Follows {
  sent: Follow;
  taken: Follow;
  /** Of properties only those count whose values are listed: the tags of a union. Default: all. */
  tagsOnly?: boolean;
}

/** @returns true only when no value fits both */
export function areDisjoint(sent: Schema, taken: Schema, follow: Follows, depth = 0): boolean {
  const [one, other] = [follow.sent(sent), follow.taken(taken)];
  if (one === false || other === false) return true;
  if (one === true || other === true || depth > MAX_DEPTH) return false;
  const [ours, theirs] = [kindsOf(one), kindsOf(other)];
  const common = [...ours].filter((kind) => theirs.has(kind));
  if (common.length === 0 || !haveCommonValue(one, other)) return true;
  return common.every((kind) => kind === 'object') && differInProperty(one, other, follow, depth);
}

function haveCommonValue(one: SchemaObject, other: SchemaObject): boolean {
  const [ours, theirs] = [valuesOf(one), valuesOf(other)];
  if (!ours || !theirs) return true;
  return ours.some((value) => theirs.some((seen) => isDeepStrictEqual(value, seen)));
}

/** A property that one of them requires, and that is never the same in both. */
function differInProperty(one: SchemaObject, other: SchemaObject, follow: Follows, depth: number): boolean {
  const [ours, theirs] = [schemaMap(one.properties), schemaMap(other.properties)];
  return [...namesIn(one.required), ...namesIn(other.required)].some((name) => {
    const [our, their] = [ours.get(name), theirs.get(name)];
    if (our === undefined || their === undefined) return false;
    return (!follow.tagsOnly || isTag(follow.taken(their))) && areDisjoint(our, their, follow, depth + 1);
  });
}

const isTag = (schema: Schema): boolean => typeof schema !== 'boolean' && valuesOf(schema) !== undefined;
