/** A value as the schema that takes this value alone, in the keywords that the comparison reads. */
import { isInteger, isObject, type SchemaObject } from './json-schema.ts';

const exact = new WeakSet<SchemaObject>();

/** @returns a schema whose own `const` needs no further look */
export function exactly(value: unknown): SchemaObject {
  const schema = { const: value, ...boundsOf(value) };
  exact.add(schema);
  return schema;
}

export const isExact = (schema: SchemaObject): boolean => exact.has(schema);

function boundsOf(value: unknown): SchemaObject {
  if (typeof value === 'number') return { minimum: value, maximum: value, type: typeOfNumber(value) };
  if (typeof value === 'string') {
    const length = [...value].length;
    return { type: 'string', minLength: length, maxLength: length };
  }
  if (Array.isArray(value)) {
    const { length } = value;
    return {
      type: 'array',
      minItems: length,
      maxItems: length,
      prefixItems: value.map(exactly),
      items: false,
    };
  }
  if (!isObject(value)) return { type: value === null ? 'null' : 'boolean' };
  const properties = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, exactly(member)]),
  );
  return { type: 'object', properties, required: Object.keys(value), additionalProperties: false };
}

const typeOfNumber = (value: number): string => (isInteger({ const: value }) ? 'integer' : 'number');
