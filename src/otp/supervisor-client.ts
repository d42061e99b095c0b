/**
 * The functions of OTP's `supervisor` module. A supervisor is named by its definition, its registered name or its pid; in a
 * server's callback it is one of the table that the server lives in, else of `processes`. Requests are taken in turn, between
 * restarts; while the table is suspended those from outside wait. All reject with `{noproc, Name}`, or the reason of the
 * supervisor's end.
 */
import type { ChildSpec } from './child-spec.ts';
import { tableOf } from './client.ts';
import { currentProcess } from './current-process.ts';
import type { Pid } from './pid.ts';
import type { SupervisorRequest } from './supervisor-requests.ts';
import type { ChildCounts, ChildInfo } from './supervisor-view.ts';

/** Names a supervisor. */
export type SupervisorRef = string | { readonly name: string };

const ask = async (supervisor: SupervisorRef, request: SupervisorRequest): Promise<unknown> =>
  tableOf(currentProcess()).askSupervisor(
    typeof supervisor === 'string' ? supervisor : supervisor.name,
    request,
  );

export const whichChildren = async (supervisor: SupervisorRef): Promise<ChildInfo[]> =>
  (await ask(supervisor, ['which_children'])) as ChildInfo[];

export const countChildren = async (supervisor: SupervisorRef): Promise<ChildCounts> =>
  (await ask(supervisor, ['count_children'])) as ChildCounts;

/**
 * Adds a child and starts it; one that does not start is not kept. Of a simple_one_for_one supervisor the second argument is that
 * of `init`. Rejects with `already_present`, `{already_started, Pid}`, `{invalid_…, …}`, `timeout`, or as `init` fails.
 */
export function startChild(supervisor: SupervisorRef, child: ChildSpec): Promise<Pid>;
export function startChild(supervisor: SupervisorRef, args?: unknown): Promise<Pid>;
export async function startChild(supervisor: SupervisorRef, childOrArgs?: unknown): Promise<Pid> {
  return (await ask(supervisor, ['start_child', childOrArgs])) as Pid;
}

/** Starts a child that has been terminated, or has ended. Rejects with `running`, `restarting`, `not_found`, `simple_one_for_one`. */
export const restartChild = async (supervisor: SupervisorRef, id: string): Promise<Pid> =>
  (await ask(supervisor, ['restart_child', id])) as Pid;

/**
 * Ends a child, which stays known unless it is temporary or dynamic; of a simple_one_for_one supervisor it is named by its pid.
 * Rejects with `not_found`, `simple_one_for_one`.
 */
export const terminateChild = async (supervisor: SupervisorRef, idOrPid: string): Promise<void> => {
  await ask(supervisor, ['terminate_child', idOrPid]);
};

/** Forgets a child that does not run. Rejects with `running`, `restarting`, `not_found`, `simple_one_for_one`. */
export const deleteChild = async (supervisor: SupervisorRef, id: string): Promise<void> => {
  await ask(supervisor, ['delete_child', id]);
};
