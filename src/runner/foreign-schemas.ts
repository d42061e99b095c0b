/**
 * Row schemas of another release, made from the JSON Schemas of its manifest: its own are in a bundle that is not loaded here.
 * Fields that such a schema does not name are let pass, as the original lets them.
 */
import { z } from 'zod';
import type { RowSchema } from '../tables/index.ts';
import type { TableTarget } from '../wire/index.ts';

export function schemasOf(targets: Readonly<Record<string, TableTarget>>): Record<string, RowSchema> {
  const schemas: Record<string, RowSchema> = {};
  for (const [table, { shape }] of Object.entries(targets))
    if (shape) schemas[table] = z.fromJSONSchema(open(shape) as Parameters<typeof z.fromJSONSchema>[0]);
  return schemas;
}

/** The same schema, without the refusal of further fields that `toJSONSchema` adds to every object. */
function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(
    ([key, value]) => !(key === 'additionalProperties' && value === false),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, open(value)]));
}
