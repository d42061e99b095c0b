/**
 * `erlmcp_sup`, the root of the host. What a supervisor's children need is started by those before it, so a failure takes
 * those after it along:
 *
 *     erlmcp_sup (rest_for_one) ─┬─ erlmcp_core_sup (rest_for_one, gives up at once) ── erlmcp_runner_sup
 *                                ├─ erlmcp_observability_sup (one_for_one)
 *                                └─ erlmcp_transport_sup (one_for_one)
 */
import { type ExitError, Supervisor } from '../../otp/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { coreSupervisor } from './core.ts';
import { HOST_INTENSITY } from './limits.ts';
import { observabilitySupervisor } from './observability.ts';
import { transportSupervisor } from './transport.ts';

/** @param onExit the tree has given up, and nothing of it runs any more */
export function rootSupervisor(node: NodeParts, onExit: (error: ExitError) => void): Supervisor {
  return new Supervisor(
    {
      name: 'erlmcp_sup',
      strategy: 'rest_for_one',
      ...HOST_INTENSITY,
      children: [coreSupervisor, observabilitySupervisor, transportSupervisor].map((make) => {
        const start = make(node);
        return { id: start.name, start };
      }),
    },
    { onExit },
  );
}
