/** `backup`: a verified copy of both stores, while all go on writing. */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { OperatorError, tuple } from '../../errors/index.ts';
import { makeBackup, readManifest } from '../backup.ts';
import type { NodeParts } from '../node-parts.ts';
import { checkRoom } from './room.ts';
import type { TaskSpec } from './tasks.ts';

export const backupTask = (node: NodeParts, to: string | undefined): TaskSpec => ({
  kind: 'backup',
  subject: to ?? 'backups/',
  work: async () => {
    if (to !== undefined) await checkTarget(to);
    await checkRoom(node, to === undefined ? node.paths.home : dirname(to), 'backup');
    const path = await makeBackup(node.paths.backups, 'manual', node.store, node.tables, { to });
    const { rows, bytes } = await readManifest(path);
    node.log.info(`Backup ${to ?? basename(path)} was made`, { bytes });
    const tables = Object.entries(rows).map(([table, count]) => ({ table, rows: count }));
    return { kind: 'backup', path, bytes, tables };
  },
});

async function checkTarget(to: string): Promise<void> {
  const kindOf = (path: string) =>
    stat(path).then(
      (found) => (found.isDirectory() ? 'folder' : 'file'),
      () => 'none',
    );
  if ((await kindOf(to)) !== 'none')
    throw new OperatorError(
      tuple('exists', to),
      `${to} is there already.`,
      'Name a folder that is to be made.',
    );
  if ((await kindOf(dirname(to))) !== 'folder')
    throw new OperatorError(
      tuple('no_such_folder', dirname(to)),
      `The node finds no folder ${dirname(to)}.`,
      'Make it first; the node, not this command, writes there.',
    );
}
