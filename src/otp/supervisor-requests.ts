/**
 * What a supervisor can be asked, by name or pid, here or in another table. A table that has handed over its servers asks
 * the other side first: there the children live. Code does not travel, so that a child's specification stays here.
 */
import type { Envelope } from './envelope.ts';
import { ExitError, printAtom } from './exit-error.ts';

/** As tuples, in the words of OTP's supervisor. */
export type SupervisorRequest =
  | readonly ['which_children']
  | readonly ['count_children']
  | readonly ['start_child', childOrArgs: unknown]
  | readonly ['restart_child' | 'delete_child', id: string]
  | readonly ['terminate_child', idOrPid: string];

/** What answers them. */
export interface Supervising {
  request(request: SupervisorRequest): Promise<unknown>;
}

const TAGS: readonly unknown[] = [
  'which_children',
  'count_children',
  'start_child',
  'restart_child',
  'delete_child',
  'terminate_child',
];

/** A call that came from another table. */
export const requestIn = ({ kind, body }: Envelope): SupervisorRequest | undefined =>
  kind === 'call' && Array.isArray(body) && TAGS.includes(body[0])
    ? (body as unknown as SupervisorRequest)
    : undefined;

export const noSupervisor = (address: string): ExitError => {
  const reason = `{noproc, ${printAtom(address)}}`;
  return new ExitError(
    reason,
    `${reason}: no supervisor of that name is running; start it, or check the name.`,
  );
};

const isPortable = ([tag, child]: SupervisorRequest): boolean => tag !== 'start_child' || !isChildSpec(child);

const isChildSpec = (value: unknown): boolean => {
  const kind = (value as { start?: { kind?: unknown } } | undefined)?.start?.kind;
  return kind === 'server' || kind === 'supervisor';
};

const isUnknownThere = (error: unknown): boolean =>
  error instanceof ExitError && error.reason.startsWith('{noproc,');

/** Asks `there`, if it is given, and `here` where that knows no such supervisor. */
export async function askSupervisor(
  address: string,
  request: SupervisorRequest,
  here: Supervising | undefined,
  there: (() => Promise<unknown>) | undefined,
): Promise<unknown> {
  if (there !== undefined && isPortable(request)) {
    try {
      return await there();
    } catch (error) {
      if (!isUnknownThere(error)) throw error;
    }
  }
  if (here === undefined) throw noSupervisor(address);
  return here.request(request);
}
