/** The health of the node: the machine's checks, and those of the host's own parts. */
import {
  cpuUsed,
  createHealth,
  diskFree,
  eventLoopLag,
  type Health,
  type HealthCheck,
  logWritable,
  memoryFree,
  memoryUsed,
} from '../observability/health/index.ts';
import type { NodeParts } from './node-parts.ts';
import { knownDamage } from './tasks/known-damage.ts';

/** What it looks at, read anew in each check. */
export type HealthParts = Pick<
  NodeParts,
  'home' | 'fleet' | 'transports' | 'tables' | 'tasks' | 'logs' | 'metrics'
>;

const PING_MS = 1_500;

export function healthOf(node: HealthParts): Health {
  return createHealth([
    runnerServes(node),
    serversAnswer(node),
    applicationsStarted(node),
    transportsOpen(node),
    tablesIntact(node),
    diskFree(node.home),
    memoryFree(),
    memoryUsed(),
    cpuUsed(() => node.metrics.resources()),
    eventLoopLag(() => node.metrics.resources()),
    logWritable(() => node.logs.stats()),
  ]);
}

function runnerServes(node: HealthParts): HealthCheck {
  return {
    name: 'runner',
    limit: 'serving',
    read: () => {
      const { active } = node.fleet;
      return active
        ? { value: `${active.vsn} (pid ${active.pid})` }
        : { status: 'unhealthy', value: 'none', message: 'No runner serves; see log/error.log.' };
    },
  };
}

function serversAnswer(node: HealthParts): HealthCheck {
  return {
    name: 'gen_servers',
    limit: 'all answer',
    read: async () => {
      const { active } = node.fleet;
      if (!active) return { status: 'unhealthy', value: 0 };
      const { servers } = await active.call('pingServers', { timeoutMs: PING_MS }, PING_MS);
      return { value: servers.length };
    },
  };
}

/** One that is being suspended or resumed by an upgrade is as well as it was. */
function applicationsStarted(node: HealthParts): HealthCheck {
  return {
    name: 'applications',
    limit: 'all started',
    read: async () => {
      const answer = await node.fleet.active?.call('applications', {}, PING_MS);
      const ended = (answer?.applications ?? []).filter(
        ({ state }) => state === 'failed' || state === 'stopped',
      );
      if (ended.length === 0) return { value: answer?.applications.length ?? 0 };
      const names = ended.map(({ name, state }) => `${name} ${state}`).join(', ');
      return { status: 'degraded', value: names, message: 'Start it again with: erlmcpctl restart <name>' };
    },
  };
}

function transportsOpen(node: HealthParts): HealthCheck {
  return {
    name: 'transports',
    limit: 'all open',
    read: () => {
      const closed = node.transports.list().filter(({ state }) => state !== 'open');
      if (closed.length === 0) return { value: 'open' };
      const names = closed.map(({ name, state }) => `${name} ${state}`).join(', ');
      return { status: 'degraded', value: names, message: 'Open it again with: erlmcpctl restart <name>' };
    },
  };
}

function tablesIntact(node: HealthParts): HealthCheck {
  return {
    name: 'tables',
    limit: '0 damaged rows',
    read: async () => {
      const views = (await node.fleet.active?.call('tableViews', {}, PING_MS))?.tables ?? [];
      const read = node.tables.damage.count + views.reduce((sum, view) => sum + view.damaged, 0);
      const looked = [...knownDamage(node.tasks).values()].reduce((sum, rows) => sum + rows, 0);
      const damaged = Math.max(read, looked);
      if (damaged > 0)
        return {
          status: 'unhealthy',
          value: damaged,
          message: 'Rows fail their checksum; name them with: erlmcpctl ets_tables --verify',
        };
      const bad = views.filter(({ attached, readable }) => !attached || !readable).map(({ name }) => name);
      if (bad.length === 0) return { value: 0 };
      return {
        status: 'unhealthy',
        value: bad.join(', '),
        message: 'They can not be read; see: erlmcpctl ets_tables',
      };
    },
  };
}
