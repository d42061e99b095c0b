import type { ControlHandlers } from '../../admin/control-handlers.ts';
import type { NodeParts } from '../node-parts.ts';
import { backupsNow } from '../views/tables-backups.ts';
import { backupTask } from './backup.ts';
import { restoreTask } from './restore.ts';
import { settleTask } from './settle.ts';
import { verifyTask } from './verify.ts';

type TaskMethod = 'verify_tables' | 'settle' | 'backup' | 'backups' | 'restore' | 'task';

export const taskHandlers = (node: NodeParts): Pick<ControlHandlers, TaskMethod> => ({
  verify_tables: ({ tables }) => node.tasks.start(verifyTask(node, tables)),
  settle: () => node.tasks.start(settleTask(node)),
  backup: ({ to }) => node.tasks.start(backupTask(node, to)),
  backups: () => backupsNow(node.paths.backups),
  restore: async ({ backup, tables }) => node.tasks.start(await restoreTask(node, backup, tables)),
  task: ({ task, wait_ms = 0 }) => node.tasks.follow(task, wait_ms),
});
