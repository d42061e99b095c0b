import { createHash } from 'node:crypto';
import { isPlain } from './equal.ts';
import type { Lens, RowSchema, TableShape } from './types.ts';

/**
 * Sha256 (hex) of what a table version means: its shape and the lens that leads to it. Two releases that give one version two
 * hashes disagree about stored rows. The name of the schema's library does not enter, the source text of lens functions does.
 */
export function tableHash(shape: TableShape, lens?: Lens): string {
  const { name, version, key, storage, type = 'set', schema } = shape;
  const meaning = {
    name,
    version,
    key,
    storage,
    type,
    schema: describeSchema(schema),
    lens: lens === undefined ? null : [lens.up, lens.down, lens.put].map((part) => part?.toString() ?? null),
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(meaning)))
    .digest('hex');
}

/** A schema of zod 4 describes itself; of another we have the fields it declares, or its source. */
function describeSchema(schema: RowSchema | undefined): unknown {
  if (schema === undefined) return null;
  if ('toJSONSchema' in schema && typeof schema.toJSONSchema === 'function') {
    return schema.toJSONSchema({ io: 'output', unrepresentable: 'any' });
  }
  if ('shape' in schema && isPlain(schema.shape)) return Object.keys(schema.shape);
  return schema.parse.toString();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlain(value)) return typeof value === 'function' ? undefined : value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((field) => [field, sorted(value[field])]),
  );
}
