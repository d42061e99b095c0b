import { OperatorError, tuple } from '../../errors/index.ts';
import type { NodeParts } from '../node-parts.ts';

/** An upgrade, and the watch after it, may go back to the version before: its tables are left as they are until then. */
export function refuseWhileUpgrading(
  { coordinator, store }: NodeParts,
  what: 'a restore' | 'settling',
): void {
  const vsn = store.active()?.vsn ?? '';
  if (coordinator.running)
    throw new OperatorError(
      tuple('upgrade_in_progress', vsn),
      `An upgrade is running; ${what} has to wait for it.`,
      'Follow it with: erlmcpctl upgrade --status',
    );
  if (coordinator.watch.remainingMs > 0)
    throw new OperatorError(
      tuple('watch_running', vsn),
      `The node may still go back from ${vsn}; ${what} has to wait for that.`,
      'End the watch with: erlmcpctl upgrade --accept, or go back with: erlmcpctl downgrade',
    );
}

/** For an upgrade: a restore goes first, and settling is given up; it is taken up again after the watch. @throws `{restore_running, Subject}` */
export function tablesAreFree({ tasks }: NodeParts): void {
  const restore = tasks.running('restore');
  if (restore)
    throw new OperatorError(
      tuple('restore_running', restore.subject),
      `Tables are being restored (${restore.subject}).`,
      'Try again when that has ended.',
    );
  void tasks.stop('an upgrade has begun', 'settle');
}
