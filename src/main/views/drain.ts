import type { ParamsOf, ResultOf } from '../../control/index.ts';
import type { NodeParts } from '../node-parts.ts';

/** Begins a drain, ends it, or tells how it stands. */
export function drain({ router, log }: NodeParts, { timeout_s, end }: ParamsOf<'drain'>): ResultOf<'drain'> {
  if (timeout_s !== undefined) {
    log.info('New calls are held', { timeout_s });
    router.drain.begin(timeout_s * 1_000);
  }
  if (end) router.drain.end();
  const { active, inFlight, held, remainingMs } = router.drain.state;
  return {
    state: !active ? 'ended' : inFlight > 0 ? 'draining' : 'drained',
    in_flight: inFlight,
    held,
    remaining_s: Math.ceil(remainingMs / 1_000),
  };
}
