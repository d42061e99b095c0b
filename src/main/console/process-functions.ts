/** `erlang` and `sys`: the processes of host and runners. */
import {
  atom,
  badarg,
  type Call,
  type ConsoleFunction,
  list,
  map,
  noproc,
  pid,
  type Term,
  text,
  toTerm,
  tuple,
  UNDEFINED,
} from '../../admin/console/index.ts';
import type { ResultOf } from '../../control/index.ts';
import { OperatorError, tuple as reasonTuple } from '../../errors/index.ts';
import type { ServerStatus } from '../../otp/system-messages.ts';
import type { InspectQuery } from '../../wire/index.ts';
import { processOf } from './arguments.ts';
import { type ConsoleSources, inspectHost, inspectRunner } from './sources.ts';

type ProcessRow = ResultOf<'processes'>[number];

const HOST = 'host';
const MAX_BYTES = 1024 * 1024;

export function processFunctions(sources: ConsoleSources): ConsoleFunction[] {
  const rows = (call: Call) => liveProcesses(sources, call);
  const found = async (process: Term | undefined, call: Call): Promise<ProcessRow | undefined> => {
    const wanted = processOf(process);
    const all = await rows(call);
    const row = all.find(({ name, pid }) => name === wanted || pid === wanted);
    const silent = all.find(({ status }) => status === 'no_answer');
    if (row !== undefined || silent === undefined) return row;
    throw new OperatorError(
      reasonTuple('timeout', silent.where),
      `${silent.where} does not answer, and could not be searched.`,
      'See: erlmcpctl status',
    );
  };
  const ask = async (what: 'state' | 'status', process: Term | undefined, call: Call): Promise<unknown> => {
    const row = await found(process, call);
    if (row === undefined) throw noproc(processOf(process));
    if (row.kind !== 'server') throw noServer(process!);
    const query: InspectQuery = { what, name: row.name ?? row.pid ?? '', bytes: MAX_BYTES };
    const asked = row.where === HOST ? inspectHost(query) : inspectRunner(sources.fleet(), query, row.where);
    return (await asked).values[0];
  };
  return [
    {
      module: 'erlang',
      name: 'processes',
      args: [],
      summary: 'the pids of all processes, of the host and of the runners',
      run: async (_args, call) => list((await rows(call)).map(pidTerm)),
    },
    {
      module: 'erlang',
      name: 'registered',
      args: [],
      summary: 'the names of all processes that have one',
      run: async (_args, call) =>
        list((await rows(call)).flatMap(({ name }) => (name === null ? [] : [atom(name)]))),
    },
    {
      module: 'erlang',
      name: 'whereis',
      args: ['Process'],
      summary: 'the pid that has a name, or undefined',
      run: async ([process], call) => {
        const row = await found(process, call);
        return row === undefined ? UNDEFINED : pidTerm(row);
      },
    },
    {
      module: 'erlang',
      name: 'process_info',
      args: ['Process'],
      summary: 'what is known of a process, by name or pid',
      run: async ([process], call) => {
        const row = await found(process, call);
        return row === undefined ? UNDEFINED : infoTerm(row);
      },
    },
    {
      module: 'sys',
      name: 'get_state',
      args: ['Process'],
      summary: 'the state of a server, from its own mailbox',
      run: async ([process], call) => toTerm(await ask('state', process, call)),
    },
    {
      module: 'sys',
      name: 'get_status',
      args: ['Process'],
      summary: 'its state, and what the process is at',
      run: async ([process], call) => statusTerm((await ask('status', process, call)) as ServerStatus),
    },
  ];
}

/** One row for each process that lives: a server that has moved to another runner stands there. */
async function liveProcesses({ control }: ConsoleSources, { context }: Call): Promise<ProcessRow[]> {
  const rows = await control.processes({}, context);
  return rows.filter(({ pid: id, status }) => id !== null && status !== 'moved');
}

const pidTerm = ({ pid: id }: ProcessRow): Term => pid(id ?? '');

const infoTerm = (row: ProcessRow): Term =>
  list([
    tuple(atom('registered_name'), row.name === null ? list([]) : atom(row.name)),
    tuple(atom('pid'), pidTerm(row)),
    tuple(atom('where'), text(row.where)),
    tuple(atom('kind'), atom(row.kind)),
    tuple(atom('status'), atom(row.status)),
    tuple(atom('message_queue_len'), toTerm(row.mailbox)),
    tuple(atom('messages_handled'), toTerm(row.handled)),
    tuple(atom('memory'), toTerm(row.memory_bytes)),
    tuple(atom('current'), toTerm(row.current)),
  ]);

const statusTerm = (status: ServerStatus): Term =>
  map([
    [atom('pid'), pid(status.pid)],
    [atom('name'), atom(status.name)],
    [atom('version'), status.version],
    [atom('status'), atom(status.status)],
    [atom('parent'), status.parent === undefined ? UNDEFINED : atom(status.parent)],
    [atom('trap_exit'), toTerm(status.trapExit)],
    [atom('links'), list(status.links.map((link) => (link.startsWith('<') ? pid(link) : atom(link))))],
    [atom('message_queue_len'), status.mailboxLength],
    [atom('messages_handled'), status.handled],
    [atom('trace'), toTerm(status.tracing)],
    [atom('state'), toTerm(status.state)],
  ]);

const noServer = (process: Term): Error =>
  badarg(process, 'A supervisor has no state of its own.', 'supervisor:which_children(Name). tells of it.');

/** Names of processes, for completion. */
export const processNames = async (sources: ConsoleSources, call: Call): Promise<string[]> =>
  (await liveProcesses(sources, call)).flatMap(({ name }) => name ?? []);
