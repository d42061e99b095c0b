/**
 * Boots a node and stops it. What it consists of is the supervision tree in `tree/`; here is only what comes before that
 * tree and outlives it: the home, the log, the pid file.
 */
import { randomUUID } from 'node:crypto';
import { OperationFeed } from '../admin/operation-feed.ts';
import { OperatorError } from '../errors/index.ts';
import { type Config, loadConfig } from '../host/config/index.ts';
import { endSurvivors } from '../host/index.ts';
import { openLogs } from '../observability/logs/index.ts';
import { type ExitError, isNormalExit, processes } from '../otp/index.ts';
import { ReleaseStore } from '../release/index.ts';
import { isCommitFailure } from '../tables/index.ts';
import type { BootOptions } from './boot-options.ts';
import { ownVersion } from './boot-steps.ts';
import { type HomePaths, prepareHome } from './home.ts';
import type { NodeBase, NodeParts } from './node-parts.ts';
import { dropPidFile, takePidFile } from './pid-file.ts';
import { removeCopies } from './rehearsal.ts';
import { Tasks } from './tasks/tasks.ts';
import { Transports } from './transports.ts';
import { rootSupervisor } from './tree/root.ts';
import { Undo } from './undo.ts';

export interface RunningNode {
  greeting: string;
  stop(why: string): Promise<void>;
}

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
    throw operatorError(error);
  }
}

async function boot(
  options: BootOptions,
  config: Config,
  paths: HomePaths,
  undo: Undo,
): Promise<RunningNode> {
  const node = makeNode(options, config, paths, undo);
  const { log } = node;
  log.info('Node is starting', { host: node.hostVersion, home: paths.home, pid: process.pid });
  const survivors = await endSurvivors(paths.run);
  await removeCopies(paths.data);
  if (survivors.length > 0) log.warn('Runners of an earlier life were ended', { pids: survivors.join(', ') });

  let stopping: Promise<void> | undefined;
  const stop = (why: string, exitCode = 0): Promise<void> => {
    stopping ??= (async () => {
      log.info('Node is stopping', { why });
      node.ready = false;
      await undo.run((message) => log.error(message));
      options.onStopped(exitCode);
    })();
    return stopping;
  };
  node.stop = (why, exitCode) => void stop(why, exitCode);

  const root = rootSupervisor(node, (error) => {
    log.error(`S1: the node's supervision tree has ended: ${error.message}`);
    node.stop(error.message, 1);
  });
  undo.add(() => root.stop());
  await root.start();
  // An upgrade that runs is taken back before anything that it needs is stopped.
  undo.add(() => node.coordinator.stop());
  undo.add(() => node.tasks.stop('the node is stopping'));
  await node.serving;
  node.ready = true;
  const { release, mcp } = { release: node.store.active()?.vsn, mcp: node.transports.mcpUrl };
  log.info('Node serves', { release, mcp });
  const greeting = `erlmcp ${node.hostVersion} serves release ${release} on ${mcp} (home ${paths.home}, pid ${process.pid})`;
  return { greeting, stop };
}

/** Without its processes' parts, which are put there as the tree starts; nothing reads one before it is. */
function makeNode(options: BootOptions, config: Config, paths: HomePaths, undo: Undo): NodeParts {
  const logs = openLogs({
    dir: paths.log,
    level: config.log.level,
    maxBytes: config.log.max_bytes,
    files: config.log.files,
    ...(options.echo ? { echo: options.echo } : {}),
  });
  undo.add(() => logs.close());
  const log = logs.child('host');
  const onRejection = (error: unknown): void => {
    if (!isCommitFailure(error)) log.error('A promise was rejected and nobody handled it', { error });
  };
  process.on('unhandledRejection', onRejection);
  const leave = processes.onChange((change) => {
    if (change.type === 'exited' && !isNormalExit(change.reason))
      log.error(`Process ${change.name ?? change.pid} has ended: ${change.reason}`, { error: change.error });
  });
  undo.add(leave);
  undo.add(() => process.off('unhandledRejection', onRejection));
  const base: Omit<NodeBase, 'transports'> = {
    home: paths.home,
    paths,
    config,
    env: options.env,
    hostVersion: ownVersion(),
    startedAt: new Date(),
    upgradeMs: config.timeouts.upgrade_s * 1_000,
    logs,
    log,
    releases: new ReleaseStore(paths.home, config.release.trusted_keys),
    feed: new OperationFeed(),
    tasks: new Tasks(log),
    release: options.release,
    ready: false,
    stop: () => {},
    newOperation: () => randomUUID(),
  };
  const node = base as NodeParts;
  return Object.assign(node, { transports: new Transports(node) });
}

/** What kept a part from starting, rather than that its supervisor failed to start it. */
function operatorError(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof OperatorError) return cause;
  return (error as ExitError).cause ?? error;
}
