/** The control API's methods, answered from the live node. */
import { hostname } from 'node:os';
import type { ControlHandlers } from '../admin/control-handlers.ts';
import type {
  HealthResult,
  OperationKind,
  OperationStart,
  ParamsOf,
  ResultOf,
  StatusResult,
  UpgradeStatus,
} from '../control/index.ts';
import type { RunnerProcess } from '../host/index.ts';
import { STORE_VERSION } from '../release/index.ts';
import { watchStatus } from '../upgrade/index.ts';
import { WIRE_VERSION } from '../wire/index.ts';
import type { ConsoleMethod } from './console/sources.ts';
import { consoleHandlers } from './console-modules.ts';
import type { NodeParts } from './node-parts.ts';
import { taskHandlers } from './tasks/handlers.ts';
import { ask } from './tree/part.ts';
import { contactsView } from './views/contacts.ts';
import { drain } from './views/drain.ts';
import { inventoryViews } from './views/inventory.ts';
import { machineViews } from './views/machine.ts';
import { processViews } from './views/processes.ts';
import { tableViews } from './views/tables.ts';
import { upgradeRows } from './views/upgrades.ts';

const STOP_DEADLINE_S = 30;
const COORDINATOR = 'erlmcp_upgrade_coordinator';
const MONITOR = 'erlmcp_upgrade_monitor';

export function controlHandlers(node: NodeParts): ControlHandlers {
  const control = ownHandlers(node);
  return { ...control, ...consoleHandlers(node, control) };
}

function ownHandlers(node: NodeParts): Omit<ControlHandlers, ConsoleMethod> {
  const start = (
    kind: OperationKind,
    { version, force, timeout_s, linger_s, by, why }: ParamsOf<'downgrade'>,
    {
      drain_s: drainS,
      allow_breaking: allowBreaking,
      plan,
    }: Pick<ParamsOf<'upgrade'>, 'drain_s' | 'allow_breaking' | 'plan'> = {},
  ) =>
    ask<OperationStart>(COORDINATOR, 'start', {
      operation: node.newOperation(),
      kind,
      version,
      force: force === true,
      timeoutMs: timeout_s === undefined ? node.upgradeMs : timeout_s * 1_000,
      allowBreaking,
      drainMs: drainS === undefined ? undefined : drainS * 1_000,
      plan,
      lingerMs: linger_s === undefined ? undefined : linger_s * 1_000,
      by,
      why,
    });
  return {
    status: () => status(node),
    health: () => ask<HealthResult>(MONITOR, 'get_system_health'),
    get_system_health: () => ask<HealthResult>(MONITOR, 'get_system_health'),
    version: () => ({
      release: currentVersion(node),
      host: node.hostVersion,
      node: process.versions.node,
      wire: WIRE_VERSION,
      store: STORE_VERSION,
    }),
    uptime: () => ({
      uptime_s: Math.floor((Date.now() - node.startedAt.getTime()) / 1_000),
      started_at: node.startedAt.toISOString(),
      pid: process.pid,
    }),
    metrics: () => node.metrics.report(currentVersion(node)),
    upgrade: (params) =>
      start(params.dry_run ? 'dry_run' : params.verify_only ? 'verify_only' : 'upgrade', params, params),
    downgrade: (params) => start('downgrade', params),
    drain: (params) => drain(node, params),
    cancel: () => ask<ResultOf<'cancel'>>(COORDINATOR, 'cancel'),
    upgrades: () => upgradeRows(node.store),
    upgrade_follow: ({ operation }, context) => node.feed.follow(operation, context),
    accept: () => ask<ResultOf<'accept'>>(COORDINATOR, 'accept'),
    get_upgrade_status: () => ask<UpgradeStatus>(COORDINATOR, 'get_upgrade_status'),
    transports: () => node.transports.list(),
    registry: () => node.registry.rows(),
    ...contactsView(node),
    ...processViews(node),
    ...tableViews(node),
    ...taskHandlers(node),
    ...machineViews(node),
    ...inventoryViews(node),
    stop: () => {
      setImmediate(() => node.stop('erlmcpctl stop'));
      return { pid: process.pid, deadline_s: STOP_DEADLINE_S };
    },
  };
}

const currentVersion = ({ fleet, store }: NodeParts): string =>
  fleet.active?.vsn ?? store.active()?.vsn ?? '';

const ROLES = { serving: 'active', lingering: 'lingering', parked: 'parked' } as const;

const roleOf = ({ state, isWorker }: RunnerProcess): StatusResult['runners'][number]['role'] =>
  isWorker ? 'worker' : state in ROLES ? ROLES[state as keyof typeof ROLES] : 'warm';

function status(node: NodeParts): StatusResult {
  const { coordinator, router, sessions, fleet } = node;
  const live = [...sessions.live()];
  const watch = watchStatus(coordinator.watch, node.metrics.report(currentVersion(node)).verdict.row);
  return {
    node: {
      name: `erlmcp@${hostname()}`,
      home: node.home,
      pid: process.pid,
      uptime_s: Math.floor((Date.now() - node.startedAt.getTime()) / 1_000),
    },
    versions: { host: node.hostVersion, release: currentVersion(node) },
    phase: coordinator.phase,
    progress: coordinator.progress,
    upgrade: coordinator.status(),
    watch,
    lingering: lingering(node),
    runners: [...fleet.runners].map((runner) => ({
      pid: runner.pid,
      version: runner.vsn,
      role: roleOf(runner),
      state: runner.state,
    })),
    sessions: {
      total: sessions.count,
      with_stream: live.filter((session) => session.sinks.length > 0).length,
      hydrated: live.filter((session) => session.channels.size > 0).length,
      calls_in_flight: router.calls.size,
    },
    tasks: node.tasks.underWay,
    next_step: nextStep(node, watch.active, watch.remaining_s),
  };
}

function lingering({ router, fleet }: NodeParts): StatusResult['lingering'] {
  return [...router.calls.values()]
    .filter((call) => call.runner !== undefined && call.runner !== fleet.active)
    .map((call) => ({
      session: call.session?.id ?? null,
      tool: call.name,
      since_ms: Math.round(performance.now() - call.startedAt),
      runner: call.runner?.pid ?? 0,
    }));
}

function nextStep({ coordinator, fleet }: NodeParts, watching: boolean, remaining: number): string {
  if (coordinator.running) return 'An upgrade is running; follow it with: erlmcpctl upgrade --status';
  if (!fleet.active) return 'No runner serves; see log/error.log';
  if (watching)
    return `The watch goes on for ${remaining} s; compare with: erlmcpctl metrics; end it with: erlmcpctl upgrade --accept`;
  return 'Nothing to do.';
}
