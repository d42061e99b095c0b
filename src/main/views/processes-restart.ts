/**
 * `restart`: whatever has the name is found first, in host and runners; then that one thing is restarted. While an upgrade
 * runs the processes are its own, and only a transport can be opened again.
 */
import type { ParamsOf, RestartResult } from '../../control/index.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { ProcessViews } from '../../runner/process-views.ts';
import { CallError } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { HOST_APPLICATION } from './processes-applications.ts';
import { askRunners } from './processes-ask.ts';
import { nearest } from './processes-nearest.ts';

type Kind = RestartResult['kind'];

interface Candidate {
  kind: Kind;
  where: string;
  names: readonly string[];
  restart(): Promise<Partial<RestartResult>>;
}

/** Runners are searched for a second before; whoever asked is to be answered before its own deadline of 4.5 s. */
const RESTART_MS = 3_000;

export async function restart(
  node: NodeParts,
  own: ProcessViews,
  { name, kind }: ParamsOf<'restart'>,
): Promise<RestartResult> {
  const { all, silent } = await candidates(node, own);
  const named = all.filter((candidate) => candidate.names.includes(name));
  const [chosen, ...others] = kind === undefined ? named : named.filter((one) => one.kind === kind);
  if (!chosen) throw unknown(name, kind, { all, named, silent });
  if (chosen.kind !== 'transport' && node.coordinator.running) throw upgradeRunning(node, name);
  if (others.length > 0) throw ambiguous(name, [chosen, ...others]);
  const { where } = chosen;
  node.log.info(`An operator restarts ${chosen.kind} ${name}`, { where });
  const done = await inTime(name, chosen.restart()).catch((error: Error) => {
    node.log.warn(`${name} was not restarted: ${error.message}`, { where });
    throw error;
  });
  return { name, kind: chosen.kind, where, pid: null, address: null, sessions_kept: null, ...done };
}

/** All that could be meant, and the runners that did not say what they have. */
async function candidates(
  node: NodeParts,
  own: ProcessViews,
): Promise<{ all: Candidate[]; silent: string[] }> {
  const { fleet } = node;
  const [listed, started] = await Promise.all([
    askRunners(fleet, 'processes', { memory: false }),
    askRunners(fleet, 'applications', {}),
  ]);
  const all = [
    ...transports(node),
    hostApplication(),
    ...started.flatMap(({ runner, answer }) =>
      (answer?.applications ?? [])
        .filter(() => runner === fleet.active)
        .map(({ name }) => application(runner, name)),
    ),
    ...own.processes(false).map(({ name, pid }) => ({
      kind: 'process' as const,
      where: 'host',
      names: [pid, ...(name === null ? [] : [name])],
      restart: async () => ({ pid: await own.restart(ownProcess(pid, name)) }),
    })),
    ...listed.flatMap(({ runner, answer }) =>
      (answer?.processes ?? [])
        .filter(({ status }) => status !== 'moved')
        .map(({ pid, name }) => processOf(runner, pid, name)),
    ),
  ];
  return { all, silent: listed.flatMap(({ runner, answer }) => (answer ? [] : runner.where)) };
}

const transports = ({ transports: owned }: NodeParts): Candidate[] =>
  owned.list().map(({ name }) => ({
    kind: 'transport',
    where: 'host',
    names: [name],
    restart: async () => {
      const { transport, sessions_kept } = await owned.restart(name);
      return { address: transport.address, sessions_kept };
    },
  }));

const hostApplication = (): Candidate => ({
  kind: 'application',
  where: 'host',
  names: [HOST_APPLICATION],
  restart: () =>
    Promise.reject(
      new OperatorError(
        tuple('not_restartable', HOST_APPLICATION),
        'It is the host itself, which holds all connections.',
        'Stop the node with: erlmcpctl stop; start it with: erlmcp start',
      ),
    ),
});

const application = (runner: RunnerProcess, name: string): Candidate => ({
  kind: 'application',
  where: runner.where,
  names: [name],
  restart: () => runner.call('restartApplication', { name }, RESTART_MS),
});

const processOf = (runner: RunnerProcess, pid: string, name: string | null): Candidate => ({
  kind: 'process',
  where: runner.where,
  names: name === null ? [pid] : [pid, name],
  restart: () => runner.call('restartProcess', { name: pid }, RESTART_MS),
});

/** Parts of the host that hold the connections of clients, or the one through which the operator asks. */
const NEVER_ALONE: Readonly<Record<string, string>> = {
  erlmcp_sup: 'It is the node; stop and start that.',
  erlmcp_core_sup: 'Every connection hangs on it; stop and start the node.',
  erlmcp_store: 'Every connection hangs on it; stop and start the node.',
  erlmcp_registry: 'Every connection hangs on it; stop and start the node.',
  erlmcp_sessions: 'Every connection hangs on it; stop and start the node.',
  erlmcp_router: 'Every connection hangs on it; stop and start the node.',
  erlmcp_runner_sup: 'It would end the runners, the way back too; restart an application or a process of it.',
  erlmcp_runners: 'It would end the runners, the way back too; restart an application or a process of it.',
  erlmcp_observability_sup: 'The transports start after it, and would end too; restart one of its processes.',
  erlmcp_transport_sup: 'This command comes in through it; restart a transport by name.',
  erlmcp_control: 'This command comes in through it; its supervisor starts it anew when it fails.',
};

function ownProcess(pid: string, name: string | null): string {
  const reason = NEVER_ALONE[name ?? ''];
  if (reason === undefined) return pid;
  throw new OperatorError(tuple('not_restartable', name), `${name} is not restarted by itself.`, reason);
}

async function inTime<T>(name: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(underWay(name)), RESTART_MS);
  try {
    return await Promise.race([work, late.promise]);
  } catch (error) {
    if (error instanceof CallError)
      throw error.reason.startsWith('{timeout') ? underWay(name) : refused(name, error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const underWay = (name: string): OperatorError =>
  new OperatorError(
    tuple('restart_under_way', name),
    `It had not started again after ${RESTART_MS / 1_000} s.`,
    'Look with: erlmcpctl processes',
    { exitCode: 124 },
  );

const refused = (name: string, error: CallError): OperatorError =>
  new OperatorError(
    tuple('restart_failed', name),
    `${error.reason}: ${error.message.replace(/\.?$/, '.')}`,
    'See log/erlmcp.log.',
    { cause: error },
  );

interface Searched {
  all: readonly Candidate[];
  named: readonly Candidate[];
  silent: readonly string[];
}

function unknown(name: string, kind: Kind | undefined, { all, named, silent }: Searched): OperatorError {
  const others = named.map((one) => `${one.kind} in ${one.where}`);
  if (kind !== undefined && others.length > 0)
    return new OperatorError(
      tuple('unknown_name', name),
      `No ${kind} has this name; it is the name of: ${others.join(', ')}.`,
      'Leave --kind out, or give another.',
    );
  const unheard = silent.map((where) => `; ${where} gives no answer and could not be searched`).join('');
  const alike = nearest(
    name,
    all.flatMap(({ names }) => names),
  );
  return new OperatorError(
    tuple('unknown_name', name),
    `No ${kind ?? 'transport, process or application'} has this name${alike.length > 0 ? `; near it are: ${alike.join(', ')}` : ''}${unheard}.`,
    'See: erlmcpctl transports, processes, applications',
  );
}

function ambiguous(name: string, candidates: readonly Candidate[]): OperatorError {
  const kinds = new Set(candidates.map(({ kind }) => kind));
  const found = candidates.map(({ kind, where }) => `${kind} in ${where}`).join(', ');
  return new OperatorError(
    tuple('ambiguous_name', name),
    `Several have this name: ${found}.`,
    kinds.size > 1
      ? `Say which: --kind ${[...kinds].join('|')}`
      : 'Name it by its pid; see: erlmcpctl processes',
  );
}

const upgradeRunning = ({ coordinator }: NodeParts, name: string): OperatorError =>
  new OperatorError(
    tuple('upgrade_running', coordinator.status().target_version ?? ''),
    `While an upgrade runs ${name} is not restarted.`,
    'Follow it with: erlmcpctl upgrade --status; end it with: erlmcpctl resume_supervisors',
  );
