/** What a runner bundle says of itself when it is run with `--describe`: the input of its manifest. */
import { z } from 'zod';

const name = z.string().min(1);
const version = z.int().positive();

export const TableDescriptionSchema = z.strictObject({
  application: name,
  name,
  version,
  key: name,
  storage: z.enum(['ram', 'disc']),
  type: z.enum(['set', 'ordered_set']),
  /** JSON Schema of a row; null where the table declares none. */
  shape: z.record(z.string(), z.unknown()).nullable(),
});

export const ReleaseDescriptionSchema = z.strictObject({
  name,
  vsn: name,
  wireVersion: version,
  storeVersion: version,
  applications: z.array(z.strictObject({ name, vsn: name, mcp: z.boolean() })).min(1),
  servers: z.array(z.strictObject({ application: name, name, version })),
  tables: z.array(TableDescriptionSchema),
});

export type TableDescription = z.infer<typeof TableDescriptionSchema>;
export type ReleaseDescription = z.infer<typeof ReleaseDescriptionSchema>;
