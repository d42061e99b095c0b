/**
 * The composition root of a node: boots the host's parts in order, wires them, and stops them in the reverse order. Every
 * part is made here and knows nothing of this file.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startControlServer } from '../admin/control-server.ts';
import { startAdminHttp } from '../admin/http/index.ts';
import { OperationFeed } from '../admin/operation-feed.ts';
import { type Config, loadConfig } from '../host/config/index.ts';
import { endSurvivors, Fleet, Router, type RunnerProcess, SessionStore, Sessions } from '../host/index.ts';
import { SnapshotGuard } from '../host/snapshot-guard.ts';
import { type EventDatabase, EventLog } from '../host/streams/event-log.ts';
import { startHttp } from '../host/transports/http/index.ts';
import { startStdio } from '../host/transports/stdio/index.ts';
import { openLogs } from '../observability/logs/index.ts';
import { createMetrics } from '../observability/metrics/index.ts';
import { ReleaseStore, STORE_VERSION } from '../release/index.ts';
import { Coordinator } from '../upgrade/index.ts';
import { dataBytes, listBackups, makeBackup } from './backup.ts';
import type { BootOptions } from './boot-options.ts';
import { openStores, ownVersion, releaseToBoot, runnerEnvironment, settleInterrupted } from './boot-steps.ts';
import { contactsOf } from './contacts.ts';
import { controlHandlers } from './control-handlers.ts';
import { healthOf } from './health.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { dropPidFile, takePidFile } from './pid-file.ts';
import { postFlightProbes, preFlightProbes } from './probes.ts';
import { Registry } from './registry.ts';
import { Transports } from './transports.ts';
import { Undo } from './undo.ts';

export interface RunningNode {
  greeting: string;
  stop(why: string): Promise<void>;
}

/** Requests in flight have so long to be answered when the node stops. */
const STOP_GRACE_MS = 5_000;
const RUNNER_STOP_MS = 5_000;
const SWEEP_MS = 30_000;
const SNAPSHOT_LIMIT_MS = 60_000;
const SESSION_REST_MS = 60_000;
const KEEP_ALIVE_MS = 15_000;
const HOLD_MS = 15_000;
const BACKLOG_BYTES = 64 * 1024 * 1024;
const RUNNER_START_MS = 30_000;

export async function bootNode(options: BootOptions): Promise<RunningNode> {
  const config = loadConfig(options);
  const paths = prepareHome(options.home);
  const undo = new Undo();
  takePidFile(paths.run);
  undo.add(() => dropPidFile(paths.run));
  try {
    return await boot(options, config, paths, undo);
  } catch (error) {
    await undo.run(() => {});
    throw error;
  }
}

async function boot(
  options: BootOptions,
  config: Config,
  paths: HomePaths,
  undo: Undo,
): Promise<RunningNode> {
  const startedAt = new Date();
  const hostVersion = ownVersion();
  const logs = openLogs({
    dir: paths.log,
    level: config.log.level,
    maxBytes: config.log.max_bytes,
    files: config.log.files,
    ...(options.echo ? { echo: options.echo } : {}),
  });
  undo.add(() => logs.close());
  const log = logs.child('host');
  const onRejection = (error: unknown): void =>
    log.error('A promise was rejected and nobody handled it', { error });
  process.on('unhandledRejection', onRejection);
  undo.add(() => process.off('unhandledRejection', onRejection));
  log.info('Node is starting', { host: hostVersion, home: paths.home, pid: process.pid });
  const survivors = await endSurvivors(paths.run);
  if (survivors.length > 0) log.warn('Runners of an earlier life were ended', { pids: survivors.join(', ') });

  const { store, tables } = await openStores(paths, undo);
  const registry = new Registry(log);
  const releases = new ReleaseStore(paths.home);
  const vsn = await releaseToBoot(options, store, releases);

  const sessions = new Sessions(
    new SessionStore(store),
    {
      sessions: config.limits.sessions,
      idleMs: config.timeouts.session_idle_s * 1_000,
      restMs: Math.min(SESSION_REST_MS, config.timeouts.session_idle_s * 1_000),
    },
    log,
  );
  const metrics = createMetrics({
    version: vsn,
    pids: () => [process.pid, ...[...fleet.runners].map((runner) => runner.pid)],
    onProblem: (error) => log.warn('The processes could not be measured', { error }),
  });
  undo.add(() => metrics.close());
  const router = new Router(
    sessions,
    { inFlight: config.limits.in_flight, backlogBytes: BACKLOG_BYTES, holdMs: HOLD_MS },
    (name, latencyMs, ok) => metrics.recordCall(name, Math.round(latencyMs * 1_000), ok),
    (runner, tool) => fleet.mayRerun(runner, tool),
    log,
  );
  const fleet: Fleet = new Fleet(
    {
      runDir: paths.run,
      env: runnerEnvironment(options.env, paths),
      storeVersion: STORE_VERSION,
      heartbeatMs: config.timeouts.heartbeat_ms,
      writerLockMs: config.timeouts.writer_lock_ms,
      memoryMb: config.runner.memory_mb,
      startMs: RUNNER_START_MS,
      stopMs: RUNNER_STOP_MS,
      backoffMs: { first: config.runner.restart_min_ms, most: config.runner.restart_max_ms },
      entryOf: async (version) => (await releases.get(version)).runner,
      newestAppup: async () => {
        const newest = store.active()?.newest;
        return newest === undefined ? undefined : (await releases.get(newest)).appup;
      },
      output: (runner, stream) => stream.pipe(logs.consoleSink(`runner ${runner.id} ${runner.vsn}`)),
      probeWriter: (timeoutMs) => tables.probeWriter(timeoutMs),
      writes: tables,
      names: (runner, { registered, unregistered }) => {
        for (const { name, pid } of registered) registry.set('process', name, whereOf(runner), pid);
        for (const name of unregistered) registry.unset('process', name, whereOf(runner));
      },
      log,
    },
    router,
    sessions,
  );
  fleet.onServing = (runner) => {
    for (const application of runner.declaration.applications)
      registry.set('application', application, whereOf(runner), runner.pid);
  };
  fleet.onEnded = (runner) => {
    registry.unsetWhere(whereOf(runner));
    tables.readerCheck();
  };
  undo.add(() => fleet.stop());

  const eventLog = new EventLog(
    store.events as unknown as EventDatabase,
    { events: config.limits.events_per_session },
    (error) => log.error('A stream event could not be kept', { error }),
  );
  sessions.onForget = (id) =>
    void eventLog.forget(id).catch((error: Error) => log.error('Events could not be deleted', { error }));

  let ready = false;
  let upgrading = (): boolean => false;
  const feed = new OperationFeed();
  const transports = await openTransports();
  const health = healthOf({ fleet, transports, tables, logs, metrics, home: paths.home });
  const probed = {
    home: paths.home,
    transports,
    health,
    tables,
    registry,
    copyBytes: () => dataBytes(paths.data),
  };
  const coordinator = new Coordinator({
    fleet,
    router,
    sessions,
    store,
    releases,
    times: {
      upgradeMs: config.timeouts.upgrade_s * 1_000,
      suspendMs: config.timeouts.suspend_ms,
      startMs: RUNNER_START_MS,
      lingerMs: config.timeouts.linger_s * 1_000,
      watchMs: config.timeouts.watch_s * 1_000,
    },
    log: logs.child('upgrade'),
    preFlight: preFlightProbes(probed),
    postFlight: postFlightProbes(probed),
    freezeBaseline: (version) => void metrics.freezeBaseline(version),
    beginVersion: (version) => metrics.beginVersion(version),
    verdict: () => metrics.report().verdict,
    backup: (label) => makeBackup(paths.backups, label, store, tables),
    backups: () => listBackups(paths.backups),
    events: feed,
    contacts: contactsOf(config),
  });
  upgrading = () => coordinator.running;
  undo.add(() => coordinator.stop());

  let stopping: Promise<void> | undefined;
  const stop = (why: string): Promise<void> => {
    stopping ??= (async () => {
      log.info('Node is stopping', { why });
      ready = false;
      await undo.run((message) => log.error(message));
      options.onStopped();
    })();
    return stopping;
  };
  const control = await startControlServer({
    socketPath: join(paths.run, 'erlmcp.sock'),
    handlers: controlHandlers({
      home: paths.home,
      hostVersion,
      startedAt,
      upgradeMs: config.timeouts.upgrade_s * 1_000,
      fleet,
      router,
      sessions,
      store,
      coordinator,
      feed,
      transports,
      registry,
      health,
      metrics,
      stop: (why) => void stop(why),
      newOperation: () => randomUUID(),
    }),
    log: (message, error) => log.error(`Control API: ${message}`, { error }),
  });
  undo.add(() => control.close());
  const admin = await startAdminHttp({
    host: config.bind,
    port: config.admin.port,
    allowedHosts: config.http.allowed_hosts,
    live: () => true,
    ready: () => ready && fleet.active !== undefined && transports.allOpen,
    metricsText: () => metrics.text(),
    log,
  });
  undo.add(() => admin.close());

  await fleet.serve(vsn);
  if (!store.active()) await store.setActive({ vsn, newest: vsn, since: Date.now() });
  await settleInterrupted(store, logs.child('upgrade'));
  coordinator.watch.resume();
  const snapshots = new SnapshotGuard(SNAPSHOT_LIMIT_MS);
  const sweep = setInterval(() => {
    const late = snapshots.late(tables.readers(), Date.now());
    for (const runner of fleet.runners)
      if (late.includes(runner.pid))
        runner.kill(`it held a snapshot of the tables for more than ${SNAPSHOT_LIMIT_MS} ms`);
    void sessions.sweep().catch((error: Error) => log.error(`Sweeping sessions failed: ${error.message}`));
  }, SWEEP_MS);
  undo.add(async () => {
    clearInterval(sweep);
    await sessions.saveAll();
  });
  ready = true;
  log.info('Node serves', { release: vsn, mcp: transports.mcpUrl });
  const greeting = `erlmcp ${hostVersion} serves release ${vsn} on ${transports.mcpUrl} (home ${paths.home}, pid ${process.pid})`;
  return { greeting, stop };

  async function openTransports(): Promise<Transports> {
    const http = await startHttp({
      gateway: router,
      host: config.bind,
      port: config.http.port,
      allowedHosts: config.http.allowed_hosts,
      allowedOrigins: config.http.allowed_origins,
      limits: { bodyBytes: config.limits.body_bytes },
      eventLog,
      keepAliveMs: KEEP_ALIVE_MS,
      log,
    });
    const closeHttp = () => http.close(STOP_GRACE_MS);
    const stdio = await startStdio({
      gateway: router,
      path: join(paths.run, 'stdio.sock'),
      log,
      upgrading: () => upgrading(),
    }).catch(async (error: unknown) => {
      await closeHttp();
      throw error;
    });
    const opened = new Transports(http, stdio, sessions, registry);
    undo.add(() => opened.close(STOP_GRACE_MS));
    return opened;
  }
}

/** How a runner is named in the registry: two of one version can live at the same time. */
const whereOf = (runner: RunnerProcess): string => `runner ${runner.vsn} (${runner.id})`;
