/** `supervisor`, `application`, and the memory of the node. */
import {
  atom,
  type Call,
  type ConsoleFunction,
  list,
  noproc,
  pid,
  type Term,
  text,
  tuple,
  UNDEFINED,
} from '../../admin/console/index.ts';
import type { ResultOf } from '../../control/index.ts';
import { processOf } from './arguments.ts';
import type { ConsoleSources } from './sources.ts';

type SupervisorRow = ResultOf<'supervisors'>[number];
type MemoryResult = ResultOf<'memory'>;

export function nodeFunctions(sources: ConsoleSources): ConsoleFunction[] {
  const { control } = sources;
  return [
    {
      module: 'supervisor',
      name: 'which_children',
      args: ['Supervisor'],
      summary: 'its children, each {Id, Pid, worker or supervisor, [Name]}',
      run: async ([supervisor], call) => list((await childrenOf(sources, supervisor, call)).map(childTerm)),
    },
    {
      module: 'supervisor',
      name: 'count_children',
      args: ['Supervisor'],
      summary: 'how many they are, and how many run',
      run: async ([supervisor], call) => countTerm(await childrenOf(sources, supervisor, call)),
    },
    {
      module: 'application',
      name: 'which_applications',
      args: [],
      summary: 'the applications that are started, each {Name, Where, Version}',
      run: async (_args, { context }) => {
        const rows = await control.applications({}, context);
        const started = rows.filter(({ state }) => state === 'started');
        return list(started.map(({ name, where, vsn }) => tuple(atom(name), text(where), text(vsn ?? ''))));
      },
    },
    {
      module: 'erlang',
      name: 'memory',
      args: [],
      summary: 'memory of all processes of the node, in bytes',
      run: async (_args, { context }) => memoryTerm(await control.memory({}, context)),
    },
  ];
}

/** Throws `{noproc, Name}`. */
async function childrenOf(
  { control }: ConsoleSources,
  supervisor: Term | undefined,
  { context }: Call,
): Promise<SupervisorRow[]> {
  const wanted = processOf(supervisor);
  const rows = await control.supervisors({}, context);
  const at = rows.findIndex(
    ({ kind, name, pid: id }) => kind === 'supervisor' && id !== null && (name === wanted || id === wanted),
  );
  const parent = rows[at];
  if (parent === undefined) throw noproc(wanted);
  const after = rows.slice(at + 1);
  const end = after.findIndex(({ depth, where }) => depth <= parent.depth || where !== parent.where);
  const below = end < 0 ? after : after.slice(0, end);
  return below.filter(({ depth }) => depth === parent.depth + 1);
}

const childTerm = (child: SupervisorRow): Term =>
  tuple(
    atom(child.id),
    child.pid === null ? (child.status === 'restarting' ? atom('restarting') : UNDEFINED) : pid(child.pid),
    atom(child.kind),
    list(child.name === null ? [] : [atom(child.name)]),
  );

const countTerm = (children: readonly SupervisorRow[]): Term => {
  const supervisors = children.filter(({ kind }) => kind === 'supervisor').length;
  return list([
    tuple(atom('specs'), children.length),
    tuple(atom('active'), children.filter(({ pid: id }) => id !== null).length),
    tuple(atom('supervisors'), supervisors),
    tuple(atom('workers'), children.length - supervisors),
  ]);
};

const memoryTerm = ({ total_bytes, limit_bytes, processes }: MemoryResult): Term => {
  const sum = (key: 'heap_used_bytes' | 'external_bytes'): number =>
    processes.reduce((total, row) => total + (row[key] ?? 0), 0);
  return list([
    tuple(atom('total'), total_bytes),
    tuple(atom('limit'), limit_bytes),
    tuple(atom('processes_used'), sum('heap_used_bytes')),
    tuple(atom('binary'), sum('external_bytes')),
  ]);
};
