/** Small schemas and values over the same few names, strings and numbers, so that they meet often. */
import fc from 'fast-check';

export type AnySchema = Record<string, unknown> | boolean;

const NAMES = ['a', 'b', 'c'] as const;
const scalars = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 3, 0.5, -1, '', 'a', 'bb', 'abc');

export const jsonValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object');
const small = fc.integer({ min: 0, max: 3 });
const optional = { requiredKeys: [] as never[] };

const numbers = fc.record(
  {
    type: fc.constantFrom('number', 'integer'),
    minimum: small,
    exclusiveMinimum: small,
    maximum: small,
    multipleOf: fc.constantFrom(0.5, 1, 2),
  },
  { requiredKeys: ['type'] },
);
const strings = fc.record(
  { type: fc.constant('string'), minLength: small, maxLength: small, pattern: fc.constantFrom('^a', 'b$') },
  { requiredKeys: ['type'] },
);
const stated = fc.oneof(
  fc.record({ enum: fc.array(scalars, { minLength: 1, maxLength: 3 }) }),
  fc.record({ const: fc.oneof(scalars, jsonValues) }),
);

export const jsonSchemas: fc.Arbitrary<AnySchema> = fc.letrec<{ schema: AnySchema; object: AnySchema }>(
  (tie) => {
    const schema = tie('schema');
    const several = fc.array(schema, { minLength: 1, maxLength: 3 });
    const properties = fc.dictionary(fc.constantFrom(...NAMES), schema, {
      maxKeys: 3,
      noNullPrototype: true,
    });
    return {
      object: fc.record(
        {
          type: fc.constant('object'),
          properties,
          required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
          additionalProperties: fc.oneof(fc.boolean(), schema),
          propertyNames: stated,
          patternProperties: fc.dictionary(fc.constantFrom('a', '^b'), schema, {
            maxKeys: 1,
            noNullPrototype: true,
          }),
          minProperties: small,
          maxProperties: small,
        },
        { requiredKeys: ['type'] },
      ),
      schema: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.record({ type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })) }, optional),
        numbers,
        strings,
        stated,
        fc.boolean(),
        fc.record(
          {
            type: fc.constant('array'),
            items: schema,
            prefixItems: fc.array(schema, { maxLength: 2 }),
            minItems: small,
            maxItems: small,
            uniqueItems: fc.boolean(),
            contains: schema,
          },
          { requiredKeys: ['type'] },
        ),
        tie('object'),
        tie('object'),
        fc.record({ anyOf: several }),
        fc.record({ oneOf: several }),
        fc.record({ allOf: several }),
        fc.record({ anyOf: several, oneOf: several, allOf: several, type: types }, optional),
        fc.record({ not: schema }),
      ),
    } as never;
  },
).schema;

const isSchema = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOpen = (value: unknown): boolean =>
  value === undefined || value === true || (isSchema(value) && Object.keys(value).length === 0);

/** The schema of those values alone that have no property which it does not name; see `src/upgrade/surface/objects.ts`. */
export function withoutUnnamed(schema: unknown): unknown {
  if (schema === true) return { additionalProperties: false };
  if (Array.isArray(schema)) return schema.map(withoutUnnamed);
  if (!isSchema(schema)) return schema;
  const closed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) closed[key] = closedMember(key, value);
  const isMap = schema.additionalProperties !== undefined && schema.properties === undefined;
  if (isOpen(schema.additionalProperties) && !isMap) closed.additionalProperties = false;
  return closed;
}

function closedMember(key: string, value: unknown): unknown {
  if (key === 'properties' || key === 'patternProperties')
    return Object.fromEntries(
      Object.entries(value as object).map(([name, member]) => [name, withoutUnnamed(member)]),
    );
  // A negation, or a count of what fits, would let more pass by being closed.
  return ['items', 'prefixItems', 'additionalProperties', 'anyOf', 'allOf'].includes(key)
    ? withoutUnnamed(value)
    : value;
}
