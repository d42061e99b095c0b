/** The health of the node: the machine's checks, and those of the host's own parts. */
import type { Fleet } from '../host/index.ts';
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
import type { Logs } from '../observability/logs/index.ts';
import type { Metrics } from '../observability/metrics/index.ts';
import type { TableStore } from '../tables/index.ts';
import type { Transports } from './transports.ts';

export interface HealthParts {
  home: string;
  fleet: Fleet;
  transports: Transports;
  tables: TableStore;
  logs: Logs;
  metrics: Metrics;
}

const PING_MS = 1_500;

export function healthOf({ home, fleet, transports, tables, logs, metrics }: HealthParts): Health {
  return createHealth([
    runnerServes(fleet),
    serversAnswer(fleet),
    transportsOpen(transports),
    tablesIntact(fleet, tables),
    diskFree(home),
    memoryFree(),
    memoryUsed(),
    cpuUsed(() => metrics.resources()),
    eventLoopLag(() => metrics.resources()),
    logWritable(() => logs.stats()),
  ]);
}

function runnerServes(fleet: Fleet): HealthCheck {
  return {
    name: 'runner',
    limit: 'serving',
    read: () => {
      const { active } = fleet;
      return active
        ? { value: `${active.vsn} (pid ${active.pid})` }
        : { status: 'unhealthy', value: 'none', message: 'No runner serves; see log/error.log.' };
    },
  };
}

function serversAnswer(fleet: Fleet): HealthCheck {
  return {
    name: 'gen_servers',
    limit: 'all answer',
    read: async () => {
      const { active } = fleet;
      if (!active) return { status: 'unhealthy', value: 0 };
      const { servers } = await active.call('pingServers', { timeoutMs: PING_MS }, PING_MS);
      return { value: servers.length };
    },
  };
}

function transportsOpen(transports: Transports): HealthCheck {
  return {
    name: 'transports',
    limit: 'all open',
    read: () => {
      const closed = transports.list().filter(({ state }) => state !== 'open');
      if (closed.length === 0) return { value: 'open' };
      const names = closed.map(({ name, state }) => `${name} ${state}`).join(', ');
      return { status: 'degraded', value: names, message: 'Open it again with: erlmcpctl restart <name>' };
    },
  };
}

function tablesIntact(fleet: Fleet, tables: TableStore): HealthCheck {
  return {
    name: 'tables',
    limit: '0 damaged rows',
    read: async () => {
      const counted = await fleet.active?.call('countTables', {}, PING_MS);
      const damaged =
        tables.damage.count + (counted?.tables ?? []).reduce((sum, { damage }) => sum + damage, 0);
      if (damaged === 0) return { value: 0 };
      return { status: 'unhealthy', value: damaged, message: 'Rows fail their checksum; see log/error.log.' };
    },
  };
}
