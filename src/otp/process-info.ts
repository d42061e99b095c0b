/** What a process table tells about its processes. */
import type { Restart, SupervisorSpec } from './child-spec.ts';
import type { ExitError } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import type { ProcessStatus } from './process-host.ts';
import type { ServerProcess } from './server-process.ts';
import { sizeOf } from './size-of.ts';
import type { SupervisorRequest } from './supervisor-requests.ts';

export type ProcessKind = 'server' | 'supervisor';

export interface ProcessInfo {
  readonly pid: Pid;
  /** Of a process without a name: its pid. */
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
  /** Of a supervisor. */
  readonly supervision?: SupervisionInfo;
  /** About how much state and mailbox take, where asked for with `{ memory: true }`; undefined where they are too large to be counted. */
  readonly memoryBytes?: number | undefined;
}

export interface InfoOptions {
  /** Counts `memoryBytes`, which visits up to 10,000 values per process. */
  readonly memory?: boolean;
}

/** How a supervisor restarts: more than `intensity` restarts within `periodMs` end it; `restarts` of them count now. */
export interface SupervisionInfo {
  readonly strategy: NonNullable<SupervisorSpec['strategy']>;
  readonly restarts: number;
  readonly intensity: number;
  readonly periodMs: number;
}

/** A child as its supervisor sees it. */
export interface ChildRow {
  readonly id: string;
  readonly name: string | undefined;
  readonly pid: Pid | undefined;
  readonly kind: 'worker' | 'supervisor';
  readonly restart: Restart;
  /** running: it has a process, of this status. */
  readonly state: 'running' | 'restarting' | 'ended';
  readonly status: ProcessStatus | undefined;
  /** Its process, if that is a supervisor. */
  readonly supervisor: SupervisorProcess | undefined;
}

/**
 * registered, unregistered: this table now serves the name, or no longer does; not told of a process without a name. A server that starts suspended is registered when it resumes.
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
  /** Name of the supervisor above. */
  readonly parent: string | undefined;
  info(): ProcessInfo;
  childRows(): readonly ChildRow[];
  request(request: SupervisorRequest): Promise<unknown>;
  /** How a child was started, if it is one of those that are started with arguments of their own. */
  originOf(pid: Pid): ServerSnapshot['child'];
  /** The process starts or ends, and this supervisor waits for it, or one of those above it. */
  waitsFor(pid: Pid): boolean;
  /** The table has been resumed. @param whole nothing of it lives in another table */
  resumed(whole: boolean): void;
}

export const infoOf = (process: ServerProcess, { memory = false }: InfoOptions = {}): ProcessInfo => ({
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
  ...(memory ? { memoryBytes: sizeOf([process.stateNow, process.mailbox.list()]) } : {}),
});
