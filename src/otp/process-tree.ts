/** The supervision trees of a table, flat: each supervisor is followed by its children in start order, these by theirs. */
import type { Restart } from './child-spec.ts';
import type { Pid } from './pid.ts';
import type { ChildRow, SupervisionInfo, SupervisorProcess } from './process-info.ts';

/**
 * running, suspended: its process is. restarting: it is to get one; of a supervisor, a child of it is. terminated: it has none.
 * moved: its server lives in another table.
 */
export type TreeStatus = 'running' | 'suspended' | 'restarting' | 'terminated' | 'moved';

export interface TreeRow extends Partial<SupervisionInfo> {
  /** 0: a root. */
  readonly depth: number;
  /** Within its supervisor; of a root its name, of a dynamic child the name of its server's definition. */
  readonly id: string;
  /** Registered name. */
  readonly name: string | undefined;
  readonly pid: Pid | undefined;
  /** Name of the supervisor above. */
  readonly parent: string | undefined;
  readonly kind: 'worker' | 'supervisor';
  /** undefined: a root. */
  readonly restart: Restart | undefined;
  readonly status: TreeStatus;
}

export function treeOf(supervisors: Iterable<SupervisorProcess>): TreeRow[] {
  const roots = [...supervisors].filter(({ parent }) => parent === undefined);
  return roots.flatMap((root) => [rootRow(root), ...rowsBelow(root, 1)]);
}

const rootRow = (root: SupervisorProcess): TreeRow => ({
  depth: 0,
  id: root.name,
  name: root.name,
  pid: root.pid,
  parent: undefined,
  kind: 'supervisor',
  restart: undefined,
  status: statusOfSupervisor(root),
  ...root.info().supervision,
});

const rowsBelow = (parent: SupervisorProcess, depth: number): TreeRow[] =>
  parent
    .childRows()
    .flatMap((child) => [
      rowOf(child, parent.name, depth),
      ...(child.supervisor === undefined ? [] : rowsBelow(child.supervisor, depth + 1)),
    ]);

const rowOf = (
  { id, name, pid, kind, restart, ...child }: ChildRow,
  parent: string,
  depth: number,
): TreeRow => ({
  depth,
  id,
  name,
  pid,
  parent,
  kind,
  restart,
  status: child.supervisor ? statusOfSupervisor(child.supervisor) : statusOf(child),
  ...child.supervisor?.info().supervision,
});

function statusOf({ state, status }: Pick<ChildRow, 'state' | 'status'>): TreeStatus {
  if (state !== 'running') return state === 'ended' ? 'terminated' : 'restarting';
  return status === 'suspended' || status === 'moved' ? status : 'running';
}

function statusOfSupervisor(supervisor: SupervisorProcess): TreeStatus {
  if (supervisor.childRows().some(({ state }) => state === 'restarting')) return 'restarting';
  return supervisor.info().status === 'suspended' ? 'suspended' : 'running';
}
