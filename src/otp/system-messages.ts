/**
 * What `sys` asks of a process. It answers in the order of its mailbox, its callbacks do not see it. Requests that carry a function or
 * a definition are for a process of the same table only.
 */
import { isThenable } from './callbacks.ts';
import type { Envelope } from './envelope.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import type { Pid } from './pid.ts';
import type { TraceListener } from './trace.ts';

export type SystemRequest =
  | readonly ['ping']
  | readonly ['get_state']
  | readonly ['get_status']
  | readonly ['suspend']
  | readonly ['resume']
  | readonly ['replace_state', change: (state: unknown) => unknown]
  | readonly ['change_code', server: AnyServer, oldVersion: number]
  | readonly ['trace', listener: TraceListener | undefined];

/** As OTP's `sys:get_status`. */
export interface ServerStatus {
  readonly pid: Pid;
  /** The pid of a process that has none. */
  readonly name: string;
  readonly version: number;
  /** suspended: by `sys.suspend`. */
  readonly status: 'running' | 'suspended';
  /** Name of the supervisor. */
  readonly parent: string | undefined;
  readonly trapExit: boolean;
  /** Pids, and the names of processes in other tables. */
  readonly links: readonly string[];
  readonly mailboxLength: number;
  readonly handled: number;
  readonly tracing: boolean;
  readonly state: unknown;
}

/** What a process lets its system messages do. */
export interface SystemTarget {
  readonly name: string;
  readonly isSysSuspended: boolean;
  readonly stateNow: unknown;
  statusNow(): ServerStatus;
  sysSuspend(on: boolean): void;
  /** Saves it first, if the server is persisted. */
  replaceState(state: unknown): unknown;
  convertState(server: AnyServer, oldVersion: number): unknown;
  adoptCode(server: AnyServer, state: unknown): void;
  traceTo(listener: TraceListener | undefined): void;
}

const LOCAL: ReadonlySet<string> = new Set(['replace_state', 'change_code', 'trace']);

/** A system message that can not leave its table. */
export const isLocalOnly = ({ kind, body }: Pick<Envelope, 'kind' | 'body'>): boolean =>
  kind === 'system' && Array.isArray(body) && LOCAL.has(body[0]);

export const notLocal = (name: string): ExitError =>
  exitTuple(
    'not_local',
    name,
    'it lives in another table, where functions can not be sent; ask again there.',
  );

const then = (value: unknown, next: (value: unknown) => unknown): unknown =>
  isThenable(value) ? Promise.resolve(value).then(next) : next(value);

/** Does what a system message asks, and returns its answer, or a promise of it. */
export function obey(process: SystemTarget, request: SystemRequest): unknown {
  switch (request[0]) {
    case 'ping':
      return 'pong';
    case 'get_state':
      return process.stateNow;
    case 'get_status':
      return process.statusNow();
    case 'suspend':
    case 'resume':
      return process.sysSuspend(request[0] === 'suspend');
    case 'replace_state':
      return then(request[1](process.stateNow), (state) => process.replaceState(state));
    case 'change_code':
      return changeCode(process, request[1], request[2]);
    case 'trace':
      return process.traceTo(request[1]);
  }
}

function changeCode(process: SystemTarget, server: AnyServer, oldVersion: number): unknown {
  if (!process.isSysSuspended)
    throw exitTuple(
      'not_suspended',
      process.name,
      'its code changes only while sys.suspend holds it; suspend it.',
    );
  if (server.kind !== 'server')
    throw new ExitError('badarg', 'badarg: the new code is a definition of genServer.');
  return then(process.convertState(server, oldVersion), (state) => {
    process.adoptCode(server, state);
    return null;
  });
}
