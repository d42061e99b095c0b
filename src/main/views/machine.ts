/** What the node uses of the machine, and what its transports carry. */
import type { ControlHandlers } from '../../admin/control-handlers.ts';
import type { TransportStats } from '../../control/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { memoryView } from './machine-memory.ts';
import { resourcesView } from './machine-resources.ts';

export function machineViews(
  node: NodeParts,
): Pick<ControlHandlers, 'resources' | 'memory' | 'transport_stats'> {
  return {
    resources: () => resourcesView(node),
    memory: () => memoryView(node),
    transport_stats: () => transportStats(node),
  };
}

function transportStats({ transports, http, stdio }: NodeParts): TransportStats[] {
  const parts = {
    http: { streams: http.streams, counters: http.counters },
    stdio: { streams: null, counters: stdio.counters },
  };
  return transports.list().map(({ name, state, connections }) => {
    const { streams, counters } = parts[name];
    return {
      name,
      state,
      connections,
      connections_total: counters.connections,
      requests: counters.requests,
      notifications: counters.notifications,
      answers: counters.answers,
      errors: counters.errors,
      streams,
      bytes_in: counters.bytesIn,
      bytes_out: counters.bytesOut,
      since: counters.since.toISOString(),
    };
  });
}
