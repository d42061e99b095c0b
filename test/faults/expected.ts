/** How the upgrade of a cell has to end, and which failures of calls its fault may cause. */
import { type Cell, isCommitted, isInner, type Phase } from './matrix.ts';

export interface Expected {
  /** `unknown`: either is right, as long as everything else holds. */
  readonly ends: 'completed' | 'failed' | 'unknown' | 'before' | 'after';
  /** Where it fails, if it does. */
  readonly at: Phase;
}

/** `before` and `after`: of the commit point, where the host did not live to end it. */
export function expected({ phase, fault }: Cell): Expected {
  if (phase === 'watch' || fault === 'clock_jumps') return { ends: 'completed', at: phase };
  if (isInner(fault)) return { ends: 'failed', at: phase };
  if (fault === 'host_killed') return { ends: isCommitted(phase) ? 'after' : 'before', at: phase };
  if (fault === 'old_killed') return { ends: isCommitted(phase) ? 'unknown' : 'failed', at: phase };
  if (fault === 'corrupt_row' && phase === 'pre_flight_checks') return { ends: 'failed', at: phase };
  return { ends: 'unknown', at: phase };
}

/** The second: of a call that went on from the old runner to a server of the new one. */
const RUNNER_LOST = /ended before it answered|runner r\d+ has ended/;
const DISK_FULL = /the write was not committed; is the disk full\?|could not be stored/;
const RESET = /fetch failed|ECONNRESET|ECONNREFUSED|socket|terminated|network/i;

/** Whether a call may have failed like this. None may be without an answer. */
export function mayFail({ phase, fault }: Cell, error: string): boolean {
  if (/timed out|timeout/i.test(error)) return false;
  if (fault === 'host_killed') return RESET.test(error) || RUNNER_LOST.test(error);
  if (fault === 'disk_full') return DISK_FULL.test(error);
  if (fault === 'old_killed') return RUNNER_LOST.test(error);
  // The new runner has calls from the flip on.
  return isInner(fault) && isCommitted(phase) && RUNNER_LOST.test(error);
}

/** Whether the process that had the counter has ended: its state is lost then, as OTP has it. */
export function losesServers({ phase, fault }: Cell): boolean {
  if (fault === 'host_killed') return true;
  if (fault === 'old_killed') return !isCommitted(phase);
  // What is thrown where nobody calls the code ends the process.
  return isInner(fault) && isCommitted(phase) && (fault !== 'throw' || phase === 'watch');
}
