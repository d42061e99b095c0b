import type { LensChain } from './lens-chain.ts';
import { DAMAGED } from './row-codec.ts';
import { TableError } from './table-error.ts';
import type { RowSchema, TableKey } from './types.ts';

/** A stored row as one version of its table sees it, or an error that names the row: never a wrong row. */
export interface Viewpoint {
  readonly table: string;
  readonly version: number;
  readonly schema: RowSchema | undefined;
  readonly chain: LensChain;
}

/** @throws `damaged`, `unknown_version`, `lens_failed`, or `way_back` for a newer row that this version can't have. */
export function viewRow(viewpoint: Viewpoint, key: TableKey, stored: unknown, from: number): object {
  const { table, version, schema, chain } = viewpoint;
  if (stored === DAMAGED) {
    throw new TableError(
      'damaged',
      'the stored row fails its checksum; restore it from a backup or delete it',
      {
        table,
        key,
      },
    );
  }
  if (from === version) return stored as object;
  if (!chain.has(from)) throw unknownVersion(viewpoint, key, from);
  try {
    const row = chain.view(stored as object, from, version);
    return schema === undefined ? row : (schema.parse(row) as object);
  } catch (cause) {
    const details = { table, key, version: from, cause };
    throw chain.isNewer(from, version)
      ? new TableError(
          'way_back',
          `the row was written as version ${from} and version ${version} can't have it`,
          details,
        )
      : new TableError(
          'lens_failed',
          `the row of version ${from} can't be seen as version ${version}`,
          details,
        );
  }
}

export function unknownVersion({ table, version }: Viewpoint, key: TableKey, from: number): TableError {
  return new TableError(
    'unknown_version',
    `the row was written as version ${from}, to which no lens leads from version ${version}; load the chain of the release that has it`,
    { table, key, version: from },
  );
}
