/**
 * `settle`: rows of older versions are rewritten as the current one. Begun when a watch has ended well, so that nobody goes back any
 * more; given up for an upgrade, and taken up again after its watch. The store remembers that it is due.
 */
import type { NodeParts } from '../node-parts.ts';
import { refuseWhileUpgrading } from './refusals.ts';
import type { TaskSpec } from './tasks.ts';
import { WORK_MS, withWorker } from './worker.ts';

export function settleTask(node: NodeParts): TaskSpec {
  refuseWhileUpgrading(node, 'settling');
  return {
    kind: 'settle',
    subject: 'all tables',
    work: (control) =>
      withWorker(node, 'tend', control, async (worker) => {
        const { reports } = await worker.call('settle', {}, WORK_MS);
        const settled = reports.reduce((sum, report) => sum + report.settled, 0);
        const left = reports.reduce((sum, report) => sum + report.left, 0);
        if (settled > 0 || left > 0) node.log.info(`${settled} rows were settled`, { left });
        await node.store.setSettled();
        return { kind: 'settle', tables: reports };
      }),
  };
}

/** After an operation or a watch, and when a node starts in which it is due. */
export function settleIfDue(node: NodeParts): void {
  const active = node.store.active();
  if (!active?.unsettled || active.watchUntil !== undefined) return;
  try {
    node.tasks.start(settleTask(node));
  } catch (error) {
    node.log.info(`Settling waits: ${error instanceof Error ? error.message : error}`);
  }
}
