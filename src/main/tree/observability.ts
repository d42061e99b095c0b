/** `erlmcp_observability_sup`: what is measured, and what is judged by it. */

import { createMetrics } from '../../observability/metrics/index.ts';
import { type SupervisorSpec, supervisor } from '../../otp/index.ts';
import { healthOf } from '../health.ts';
import type { NodeParts } from '../node-parts.ts';
import { HOST_INTENSITY } from './limits.ts';
import { part } from './part.ts';

export function observabilitySupervisor(node: NodeParts): SupervisorSpec {
  return supervisor({
    name: 'erlmcp_observability_sup',
    strategy: 'one_for_one',
    ...HOST_INTENSITY,
    children: [metrics(node), monitor(node)].map((start) => ({ id: start.name, start })),
  });
}

const metrics = (node: NodeParts) =>
  part({
    name: 'erlmcp_metrics',
    start: () => {
      // What an upgrade is judged by outlives the process that measures.
      const baseline = node.metrics?.baseline;
      node.metrics = createMetrics({
        version: node.store.active()?.vsn ?? node.release ?? '',
        windowMs: node.config.metrics.window_s * 1_000,
        // What a rehearsal takes is no sign of how a version does.
        pids: () => [
          process.pid,
          ...[...node.fleet.runners].filter(({ role }) => role !== 'rehearse').map(({ pid }) => pid),
        ],
        onProblem: (error) => node.log.warn('The processes could not be measured', { error }),
      });
      node.metrics.restoreBaseline(baseline);
      return node.metrics;
    },
    stop: (owned) => owned.close(),
  });

const monitor = (node: NodeParts) =>
  part({
    name: 'erlmcp_upgrade_monitor',
    start: () => {
      node.health = healthOf(node);
      return node.health;
    },
    calls: { get_system_health: (health) => health.check() },
  });
