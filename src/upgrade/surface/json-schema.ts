/**
 * What a JSON Schema (2020-12, as MCP's tools state it) says, read keyword by keyword. No pattern of a schema is ever run: it is
 * text of a release, and may take for ever.
 */

export type SchemaObject = Readonly<Record<string, unknown>>;
export type Schema = boolean | SchemaObject;
export type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

const KINDS: readonly Kind[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is no schema says nothing, as in a validator that ignores it. */
export const asSchema = (value: unknown): Schema =>
  typeof value === 'boolean' || isObject(value) ? value : true;

export const schemaMap = (value: unknown): ReadonlyMap<string, Schema> =>
  new Map(isObject(value) ? Object.entries(value).map(([name, member]) => [name, asSchema(member)]) : []);

export const schemaList = (value: unknown): readonly Schema[] | undefined =>
  Array.isArray(value) ? value.map(asSchema) : undefined;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

export const namesIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];

/** The same object where it has none of the keys: a schema that comes again is known by its identity. */
export function without(schema: SchemaObject, ...keys: readonly string[]): SchemaObject {
  if (!keys.some((key) => key in schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}

export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'object';
}

const declaredTypes = ({ type }: SchemaObject): readonly string[] | undefined =>
  typeof type === 'string' ? [type] : Array.isArray(type) ? type : undefined;

/** The kinds of value that it takes; an integer is a number. */
export function kindsOf(schema: SchemaObject): ReadonlySet<Kind> {
  const types = declaredTypes(schema)?.map((type) => (type === 'integer' ? 'number' : type));
  const kinds = types === undefined ? KINDS : KINDS.filter((kind) => types.includes(kind));
  const values = statedValues(schema);
  if (values === undefined) return new Set(kinds);
  const found = new Set(values.map(kindOf));
  return new Set(kinds.filter((kind) => found.has(kind)));
}

/** Of its numbers only integers are taken. */
export function isInteger(schema: SchemaObject): boolean {
  const types = declaredTypes(schema);
  if (types?.includes('integer') && !types.includes('number')) return true;
  if (Number.isInteger(schema.multipleOf)) return true;
  return (
    statedValues(schema)?.every((value) => typeof value !== 'number' || Number.isInteger(value)) ?? false
  );
}

const statedValues = (schema: SchemaObject): readonly unknown[] | undefined =>
  'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;

/** All values that it takes, where they can be listed. Some of them may be refused by its other keywords. */
export function valuesOf(schema: SchemaObject): readonly unknown[] | undefined {
  const kinds = kindsOf(schema);
  const stated = statedValues(schema);
  if (stated) return stated.filter((value) => kinds.has(kindOf(value)));
  const few = [...kinds].every((kind) => kind === 'null' || kind === 'boolean');
  if (!few) return undefined;
  return [...kinds].flatMap((kind): unknown[] => (kind === 'null' ? [null] : [true, false]));
}

/** Follows a `$ref` within the document; undefined where it leads out of it, or nowhere. */
export function resolveRef(ref: unknown, root: Schema): Schema | undefined {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  // `#name` is an anchor.
  return ref === '#' || ref.startsWith('#/') ? asSchema(at) : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$comment', '$schema', '$id', 'contentEncoding', 'contentMediaType', 'contentSchema'],
]);
const NAMED: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
]);
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'required', 'type', 'dependentRequired']);

/** The schema without what only describes. */
export function meaningOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(meaningOf);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).filter(([key]) => !ANNOTATIONS.has(key));
  return Object.fromEntries(
    members.map(([key, value]) => {
      if (DATA.has(key)) return [key, value];
      return [key, NAMED.has(key) && isObject(value) ? meaningsOf(value) : meaningOf(value)];
    }),
  );
}

const meaningsOf = (named: SchemaObject): SchemaObject =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, meaningOf(value)]));

/** What it means depends on the document that it stands in. */
export const hasRef = (schema: unknown): boolean =>
  /"\$(?:ref|dynamicRef|recursiveRef)":/.test(JSON.stringify(schema) ?? '');
