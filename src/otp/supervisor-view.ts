/** What a supervisor tells about itself and its children. */
import { type Restart, restartOf, type SupervisorSpec } from './child-spec.ts';
import type { Pid } from './pid.ts';
import type { ProcessStatus } from './process-host.ts';
import type { ChildRow, ProcessKind, SupervisionInfo } from './process-info.ts';
import type { RestartIntensity } from './restart-intensity.ts';
import type { SupervisedChild } from './supervised-child.ts';

/** As OTP's `which_children`. */
export interface ChildInfo {
  /** undefined: a child of a simple_one_for_one supervisor. */
  readonly id: string | undefined;
  /** Registered name. */
  readonly name: string | undefined;
  readonly kind: ProcessKind;
  readonly restart: Restart;
  /** undefined: it does not run. */
  readonly pid: Pid | undefined;
  readonly status: ProcessStatus | 'restarting' | 'ended';
}

/** As OTP's `count_children`. */
export interface ChildCounts {
  /** Children that are known, running or not; of a simple_one_for_one supervisor 1. */
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

export const childInfo = (child: SupervisedChild, dynamic: boolean): ChildInfo => ({
  id: dynamic ? undefined : child.spec.id,
  name: child.name,
  kind: child.spec.start.kind,
  restart: child.restart,
  pid: child.pid,
  status: child.handle?.status ?? (child.state === 'restarting' ? 'restarting' : 'ended'),
});

export function countOf(children: readonly SupervisedChild[], dynamic: boolean): ChildCounts {
  const supervisors = children.filter(({ spec }) => spec.start.kind === 'supervisor').length;
  return {
    specs: dynamic ? 1 : children.length,
    active: children.filter(({ pid }) => pid !== undefined).length,
    supervisors,
    workers: children.length - supervisors,
  };
}

export function supervisionOf(
  spec: SupervisorSpec,
  { intensity, periodMs }: RestartIntensity,
  restarts: number,
): SupervisionInfo {
  return { strategy: spec.strategy ?? 'one_for_one', restarts, intensity, periodMs };
}

export const childRow = (child: SupervisedChild): ChildRow => ({
  id: child.spec.id,
  name: child.name,
  pid: child.pid,
  kind: child.spec.start.kind === 'server' ? 'worker' : 'supervisor',
  restart: restartOf(child.spec),
  state: child.state,
  status: child.handle?.status,
  supervisor: child.supervisor,
});
