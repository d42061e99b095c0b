import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TableShape, tableHash } from '../../src/tables/index.ts';
import { schemaV1, schemaV2, toV2, toV3 } from './fixtures/notes.ts';

const shape: TableShape = { name: 'notes', version: 2, key: 'id', storage: 'disc', schema: schemaV2 };

describe('the hash of a table version', () => {
  it('is the same for the same declaration, whatever the order of its parts', () => {
    const again = z.object({ priority: z.number(), tags: z.array(z.string()), ...schemaV1.shape });
    const { schema: _schema, ...rest } = shape;
    const required = (schema: z.ZodType) =>
      [...((schema.toJSONSchema() as { required: string[] }).required ?? [])].sort();
    expect(required(again)).toEqual(required(schemaV2));
    expect(tableHash({ ...rest, type: 'set', schema: schemaV2 }, toV2)).toBe(tableHash(shape, toV2));
    expect(tableHash(shape, toV2)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with shape, schema and lens', () => {
    const own = tableHash(shape, toV2);
    const { schema: _schema, ...bare } = shape;
    const others = [
      tableHash(shape),
      tableHash(shape, toV3),
      tableHash(shape, { ...toV2, put: (older) => older }),
      tableHash({ ...shape, schema: schemaV2.extend({ extra: z.string() }) }, toV2),
      tableHash({ ...shape, version: 3 }, toV2),
      tableHash({ ...shape, storage: 'ram' }, toV2),
      tableHash({ ...shape, type: 'ordered_set' }, toV2),
      tableHash(bare, toV2),
      tableHash({ ...bare, schema: { parse: (row: unknown) => row } }, toV2),
      tableHash({ ...bare, schema: { parse: (row: unknown) => row ?? {} } }, toV2),
      tableHash(
        {
          ...bare,
          schema: { parse: (row: unknown) => row, shape: { id: 1 } } as TableShape['schema'] & object,
        },
        toV2,
      ),
    ];
    expect(new Set([own, ...others]).size).toBe(others.length + 1);
  });

  it('holds also where a schema has no JSON form', () => {
    const odd = z.object({ id: z.string(), at: z.date(), size: z.string().transform(Number) });
    expect(tableHash({ ...shape, schema: odd })).toBe(tableHash({ ...shape, schema: odd }));
  });
});
