/**
 * `erlmcp_core_sup`: what every connection of a client hangs on. A failure here ends the supervisor at once, so that
 * `erlmcp_sup` starts it and all that uses it anew; only the runners and the coordinator are restarted by themselves.
 */
import { join } from 'node:path';
import { contactsFrom } from '../../control/contact-roles.ts';
import { Fleet, Router, SessionRows, SessionStore, Sessions } from '../../host/index.ts';
import { SnapshotGuard } from '../../host/snapshot-guard.ts';
import { type EventDatabase, EventLog } from '../../host/streams/event-log.ts';
import {
  type AnyServer,
  type ChildSpec,
  processes,
  type SupervisorSpec,
  supervisor,
} from '../../otp/index.ts';
import { STORE_VERSION } from '../../release/index.ts';
import { Coordinator, type UpgradeRequest } from '../../upgrade/index.ts';
import { listBackups, makeBackup } from '../backup.ts';
import { openStores, releaseToBoot, runnerEnvironment, settleInterrupted } from '../boot-steps.ts';
import type { NodeParts } from '../node-parts.ts';
import { planFacts } from '../plan-facts.ts';
import { postFlightProbes } from '../post-flight.ts';
import { preFlightProbes } from '../probes.ts';
import { Registry } from '../registry.ts';
import { copyTables } from '../rehearsal.ts';
import { tablesAreFree } from '../tasks/refusals.ts';
import { settleIfDue } from '../tasks/settle.ts';
import { HOST_INTENSITY, STOP_LIMIT_MS } from './limits.ts';
import { part } from './part.ts';

const RUNNER_STOP_MS = 5_000;
const RUNNER_START_MS = 30_000;
const SWEEP_MS = 30_000;
const SNAPSHOT_LIMIT_MS = 60_000;
const SESSION_REST_MS = 60_000;
const SESSION_ROWS_MS = 600_000;
const HOLD_MS = 15_000;
const BACKLOG_BYTES = 64 * 1024 * 1024;

export function coreSupervisor(node: NodeParts): SupervisorSpec {
  return supervisor({
    name: 'erlmcp_core_sup',
    strategy: 'rest_for_one',
    intensity: 0,
    children: [
      ...[store, registry, sessions, router].map((child) => worker(child(node))),
      { id: 'erlmcp_runner_sup', start: runnerSupervisor(node) },
    ],
  });
}

const runnerSupervisor = (node: NodeParts): SupervisorSpec =>
  supervisor({
    name: 'erlmcp_runner_sup',
    strategy: 'rest_for_one',
    ...HOST_INTENSITY,
    children: [runners, coordinator].map((child) => worker(child(node))),
  });

const worker = (start: AnyServer): ChildSpec => ({ id: start.name, start, shutdown: STOP_LIMIT_MS });

const store = (node: NodeParts) => {
  const snapshots = new SnapshotGuard(SNAPSHOT_LIMIT_MS);
  return part({
    name: 'erlmcp_store',
    start: async () => Object.assign(node, await openStores(node.paths)),
    stop: async () => {
      await node.tables.close();
      await node.store.close();
    },
    every: {
      ms: SWEEP_MS,
      work: () => {
        const late = snapshots.late(node.tables.readers(), performance.now());
        for (const runner of node.fleet.runners)
          if (late.includes(runner.pid))
            runner.kill(`it held a snapshot of the tables for more than ${SNAPSHOT_LIMIT_MS} ms`);
      },
    },
  });
};

const registry = (node: NodeParts) =>
  part({
    name: 'erlmcp_registry',
    start: () => {
      node.registry = new Registry(node.log);
      const leave = processes.onChange((change) => {
        if (change.type === 'registered') node.registry.set('process', change.name, 'host', change.pid);
        else if (change.type === 'unregistered') node.registry.unset('process', change.name, 'host');
      });
      for (const { name, pid } of processes.list()) node.registry.set('process', name, 'host', pid);
      return leave;
    },
    stop: (leave) => leave(),
  });

const sessions = (node: NodeParts) =>
  part({
    name: 'erlmcp_sessions',
    start: () => {
      const { limits, timeouts } = node.config;
      const idleMs = timeouts.session_idle_s * 1_000;
      node.sessions = new Sessions(
        new SessionStore(node.store),
        { sessions: limits.sessions, idleMs, restMs: Math.min(SESSION_REST_MS, idleMs) },
        node.log,
      );
      node.eventLog = new EventLog(
        node.store.events as unknown as EventDatabase,
        { events: limits.events_per_session },
        (error) => node.log.error('A stream event could not be kept', { error }),
      );
      node.sessions.onForget = (id) => {
        node.sessionRows.forget(id);
        node.eventLog
          .forget(id)
          .catch((error: Error) => node.log.error('Events could not be deleted', { error }));
      };
      return node.sessions;
    },
    stop: (owned) => owned.saveAll(),
    // A sweep that fails is tried again; it is no reason to end what all clients use.
    every: {
      ms: SWEEP_MS,
      work: (owned) =>
        owned.sweep().catch((error: Error) => node.log.error(`Sweeping sessions failed: ${error.message}`)),
    },
  });

const router = (node: NodeParts) =>
  part({
    name: 'erlmcp_router',
    start: () => {
      node.router = new Router(
        node.sessions,
        { inFlight: node.config.limits.in_flight, backlogBytes: BACKLOG_BYTES, holdMs: HOLD_MS },
        (name, latencyMs, ok) => node.metrics.recordCall(name, Math.round(latencyMs * 1_000), ok),
        (runner, tool) => node.fleet.mayRerun(runner, tool),
        node.log,
      );
      return node.router;
    },
  });

const runners = (node: NodeParts) =>
  part({
    name: 'erlmcp_runners',
    start: () => {
      node.fleet = makeFleet(node);
      node.sessionRows = new SessionRows(node.tables, node.sessions, node.fleet, node.log);
      return node.fleet;
    },
    begin: (fleet) => {
      node.serving = serveFirst(node, fleet);
      // Who boots the node waits for it; later on it is tried again.
      node.serving.catch((error: Error) => {
        if (!node.ready) return;
        node.log.error(`A runner could not be started: ${error.message}`);
        const vsn = node.store.active()?.vsn;
        if (vsn !== undefined) fleet.allowRestarts(vsn);
      });
    },
    stop: (fleet) => fleet.stop(),
    every: { ms: SESSION_ROWS_MS, work: () => void node.sessionRows.sweep() },
  });

async function serveFirst(node: NodeParts, fleet: Fleet): Promise<void> {
  const vsn = await releaseToBoot(node.release, node.store, node.releases);
  await fleet.serve(vsn);
  if (!node.store.active()) await node.store.setActive({ vsn, newest: vsn, since: Date.now() });
}

function makeFleet(node: NodeParts): Fleet {
  const { config, releases, registry: names } = node;
  const fleet = new Fleet(
    {
      runDir: node.paths.run,
      env: runnerEnvironment(node.env, node.paths),
      storeVersion: STORE_VERSION,
      heartbeatMs: config.timeouts.heartbeat_ms,
      writerLockMs: config.timeouts.writer_lock_ms,
      memoryMb: config.runner.memory_mb,
      startMs: RUNNER_START_MS,
      stopMs: RUNNER_STOP_MS,
      backoffMs: { first: config.runner.restart_min_ms, most: config.runner.restart_max_ms },
      entryOf: async (version) => (await releases.get(version)).runner,
      newestAppup: async () => {
        const newest = node.store.active()?.newest;
        return newest === undefined ? undefined : (await releases.get(newest)).appup;
      },
      output: (runner, stream) => stream.pipe(node.logs.consoleSink(`runner ${runner.id} ${runner.vsn}`)),
      probeWriter: (timeoutMs) => node.tables.probeWriter(timeoutMs),
      writes: node.tables,
      names: (runner, { registered, unregistered }) => {
        for (const { name, pid } of registered) names.set('process', name, runner.where, pid);
        for (const name of unregistered) names.unset('process', name, runner.where);
      },
      log: node.log,
    },
    node.router,
    node.sessions,
  );
  fleet.onServing = (runner) => {
    void node.sessionRows.sweep();
    for (const application of runner.declaration.applications)
      names.set('application', application, runner.where, runner.pid);
  };
  fleet.onEnded = (runner) => {
    names.unsetWhere(runner.where);
    node.tables.readerCheck();
  };
  return fleet;
}

const coordinator = (node: NodeParts) =>
  part({
    name: 'erlmcp_upgrade_coordinator',
    start: async () => {
      node.coordinator = makeCoordinator(node);
      await settleInterrupted(node.store, node.logs.child('upgrade'));
      node.coordinator.watch.resume();
      void node.serving.then(
        () => settleIfDue(node),
        () => undefined,
      );
      return node.coordinator;
    },
    stop: (owned) => owned.stop(),
    calls: {
      start: (owned, request: UpgradeRequest) => owned.start(request),
      accept: (owned) => owned.accept(),
      cancel: (owned) => owned.cancel(),
      get_upgrade_status: (owned) => owned.status(),
    },
  });

function makeCoordinator(node: NodeParts): Coordinator {
  const { timeouts } = node.config;
  return new Coordinator({
    fleet: node.fleet,
    router: node.router,
    sessions: node.sessions,
    store: node.store,
    releases: node.releases,
    times: {
      upgradeMs: timeouts.upgrade_s * 1_000,
      suspendMs: timeouts.suspend_ms,
      startMs: RUNNER_START_MS,
      lingerMs: timeouts.linger_s * 1_000,
      watchMs: timeouts.watch_s * 1_000,
    },
    log: node.logs.child('upgrade'),
    preFlight: preFlightProbes(node),
    postFlight: postFlightProbes(node),
    freezeBaseline: (version) => void node.metrics.freezeBaseline(version),
    beginVersion: (version) => node.metrics.beginVersion(version),
    verdict: () => node.metrics.report().verdict,
    beforeOperation: () => tablesAreFree(node),
    atRest: () => settleIfDue(node),
    forgetIfOther: (table) => node.tables.forgetIfOther(table),
    copyTables: (target) => copyTables(node, target),
    planFacts: () => planFacts(node),
    backup: (label) => makeBackup(node.paths.backups, label, node.store, node.tables),
    backups: () => listBackups(node.paths.backups),
    events: node.feed,
    contacts: contactsFrom(node.config.contacts),
  });
}

/** The socket of the control API and of the bridges, by name. */
export const socketOf = (node: NodeParts, name: 'erlmcp' | 'stdio'): string =>
  join(node.paths.run, `${name}.sock`);
