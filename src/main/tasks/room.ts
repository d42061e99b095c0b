import { OperatorError, tuple } from '../../errors/index.ts';
import { diskFree, MIN_DISK_MB } from '../../observability/health/index.ts';
import { dataBytes } from '../backup.ts';
import type { NodeParts } from '../node-parts.ts';

const MB = 1024 * 1024;

/** Room under `folder` for so many copies of the stores, and for what the node itself needs. @throws `{disk_full, What}` */
export async function checkRoom(
  { paths }: NodeParts,
  folder: string,
  what: string,
  copies = 1,
): Promise<void> {
  const needed = MIN_DISK_MB + Math.ceil(((await dataBytes(paths.data)) * copies) / MB);
  const { status = 'healthy', value } = await diskFree(folder, needed).read();
  if (status === 'healthy') return;
  throw new OperatorError(
    tuple('disk_full', what),
    `There is ${value} free under ${folder}, and ${needed} MB is needed.`,
    'Free disk space and try again.',
  );
}
