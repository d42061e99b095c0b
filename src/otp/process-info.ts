/** What a process table tells about its processes. */
import type { ExitError } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ProcessStatus } from './process-host.ts';
import type { ServerProcess } from './server-process.ts';

export type ProcessKind = 'server' | 'supervisor';

export interface ProcessInfo {
  readonly pid: Pid;
  readonly name: string;
  readonly kind: ProcessKind;
  readonly status: ProcessStatus;
  /** Messages that wait; of a supervisor, restarts that wait. */
  readonly mailboxLength: number;
  /** Messages handled so far; of a supervisor, ends of children. */
  readonly handled: number;
  /** What it is at: `call increment`, `info`, `init`. */
  readonly current: string | undefined;
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** Of a server: its module's version. */
  readonly version: number | undefined;
  /** Name of the supervisor that started it. */
  readonly supervisor: string | undefined;
}

/**
 * registered, unregistered: this table now serves the name, or no longer does. A server that starts suspended is registered when it resumes.
 * exited: a process has ended, or failed to start. moved: its server lives in another table from now on; nothing ended.
 */
export type ProcessChange =
  | {
      readonly type: 'registered' | 'unregistered' | 'moved';
      readonly name: string;
      readonly pid: Pid;
      readonly kind: ProcessKind;
    }
  | {
      readonly type: 'exited';
      readonly name: string;
      readonly pid: Pid;
      readonly kind: ProcessKind;
      readonly reason: string;
      readonly error: ExitError;
    };

/** A supervisor's entry in the table. */
export interface SupervisorProcess {
  readonly pid: Pid;
  readonly name: string;
  readonly busy: boolean;
  info(): ProcessInfo;
}

export const infoOf = (process: ServerProcess): ProcessInfo => ({
  pid: process.pid,
  name: process.name,
  kind: 'server',
  status: process.status,
  mailboxLength: process.mailbox.length,
  handled: process.handled,
  current: process.task,
  startedAt: process.startedAt,
  version: process.server.version,
  supervisor: process.supervisor,
});
