import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Catalogue } from './catalogue.ts';
import { Environment } from './environment.ts';
import { DAMAGED } from './row-codec.ts';
import { scanRows } from './scan.ts';
import { TableError } from './table-error.ts';

const CLOSE_MS = 5_000;

/**
 * Opens a copy that `store.backup` made and reads every row's checksum. The result is rows per table.
 * @throws `backup_damaged` for a file that is cut short or a row that fails
 */
export async function verifyBackup(dir: string, signal?: AbortSignal): Promise<Record<string, number>> {
  const environment = new Environment({ path: dir, sync: true, readOnly: true });
  try {
    await checkLength(dir, environment);
    const catalogue = await Catalogue.open(environment, 'disc');
    const counts: Record<string, number> = {};
    for (const { name } of catalogue.list()) counts[name] = await countRows(environment, name, signal);
    return counts;
  } finally {
    await environment.close(CLOSE_MS);
  }
}

/** A page that is mapped but not in the file would end this process with SIGBUS. */
async function checkLength(dir: string, environment: Environment): Promise<void> {
  const { size } = await stat(join(dir, 'data.mdb'));
  if (size >= environment.usedSize) return;
  throw new TableError(
    'backup_damaged',
    `${dir}: the file has ${size} of ${environment.usedSize} bytes; make another copy`,
  );
}

async function countRows(
  environment: Environment,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  const rows = await environment.openRows(name);
  await scanRows(
    environment,
    rows,
    (key, row) => {
      count++;
      if (row !== DAMAGED) return;
      throw new TableError('backup_damaged', 'the row fails its checksum in the copy; make another copy', {
        table: name,
        key,
      });
    },
    { signal },
  );
  return count;
}
