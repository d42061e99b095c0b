/**
 * The number of the form in which an environment keeps its rows, indexes and records. It is raised by whoever changes that form so
 * that older code would misread it; older code refuses what bears a higher number before it reads or writes anything else.
 */
import type { Database, Key } from 'lmdb';
import type { Environment } from './environment.ts';
import { TableError } from './table-error.ts';

export const STORE_FORMAT = 1;
const FORMAT = '$format';

/** Marks an environment that is new. @throws `newer_format` */
export async function checkFormat(
  environment: Environment,
  records: Database<unknown, Key> | undefined,
): Promise<void> {
  const found = records?.get(FORMAT);
  if (typeof found === 'number' && found <= STORE_FORMAT) return;
  if (found !== undefined)
    throw new TableError(
      'newer_format',
      `${environment.path} has format ${String(found)}, and this erlmcp knows formats up to ${STORE_FORMAT}: start it with the erlmcp that wrote it, or a newer one`,
    );
  if (records && !environment.readOnly)
    await environment.transaction(() => void records.put(FORMAT, STORE_FORMAT));
}
