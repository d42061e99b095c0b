import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The keys of the configuration as a flat list, taken from the schema, so that nothing is named twice. */

export interface ConfigKey {
  /** `http.port` */
  key: string;
  path: readonly string[];
  /** `ERLMCP_HTTP_PORT` */
  env: string;
  schema: z.ZodType;
  kind: 'number' | 'boolean' | 'text' | 'list' | 'json';
  fallback: unknown;
  description: string;
}

export const CONFIG_KEYS: readonly ConfigKey[] = collect(configSchema, []);

function collect(schema: z.ZodObject, path: readonly string[]): ConfigKey[] {
  return Object.entries(schema.shape).flatMap(([name, member]) => {
    const inner = member instanceof z.ZodPrefault ? member.unwrap() : member;
    const ownPath = [...path, name];
    return inner instanceof z.ZodObject
      ? collect(inner, ownPath)
      : [describe(inner as z.ZodDefault, ownPath)];
  });
}

function describe(schema: z.ZodDefault, path: readonly string[]): ConfigKey {
  return {
    key: path.join('.'),
    path,
    env: `ERLMCP_${path.join('_').toUpperCase()}`,
    schema,
    kind: kindOf(schema.unwrap() as z.ZodType),
    fallback: schema.parse(undefined),
    description: schema.meta()?.description ?? '',
  };
}

function kindOf(schema: z.ZodType): ConfigKey['kind'] {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (!(schema instanceof z.ZodArray)) return 'text';
  return schema.element instanceof z.ZodObject ? 'json' : 'list';
}
