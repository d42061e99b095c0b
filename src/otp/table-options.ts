/** The options of a process table and of what is started in it. */
import type { ExitError } from './exit-error.ts';
import type { PersistencePort, RemotePort, ServerSnapshot } from './ports.ts';

/** How long a call waits for its answer unless told otherwise, in ms (as in OTP). */
export const DEFAULT_CALL_TIMEOUT_MS = 5000;

export interface ProcessTableOptions {
  /** The way to other tables; without it unknown names are `noproc`. */
  readonly remote?: RemotePort | undefined;
  /** Messages to unknown names go to `remote`; those to moved servers always do. Default true; can be set later. */
  readonly canForward?: boolean;
  /** Required by servers with `persist: true`. */
  readonly persistence?: PersistencePort | undefined;
  /** Names this table in the `from` of its calls; unique among tables that ever talk to each other. Default: random. */
  readonly origin?: string | undefined;
  /** The first number of this table's pids. Default: k of an origin `rk` (a runner's id), else 0. */
  readonly node?: number | undefined;
  /** `resumed` hooks and timers are left to servers that are `safeToRehearse`. Default false. */
  readonly isRehearsal?: boolean | undefined;
}

export type ProcessConnection = Omit<ProcessTableOptions, 'canForward'>;

/** Entries that a table keeps, each until what it stands for is over. */
export interface TableUsage {
  readonly pendingCalls: number;
  readonly deferredReplies: number;
  readonly monitors: number;
  readonly linkedProcesses: number;
  readonly registeredProcesses: number;
}

export interface StartOptions {
  /** Registered name; default: the server's. `null`: none, it is reached by its pid. Of a `via`: it has that key of a registry, and no name. */
  readonly name?: string | null | undefined;
  /** For `init`. */
  readonly args?: unknown;
  /** In ms for `init`, after which the process is killed and the start fails with `{timeout, Name}`. Default: `Infinity`, as in OTP. */
  readonly timeout?: number;
  /** Takes over what another table handed over, instead of `init`. */
  readonly adopted?: ServerSnapshot | undefined;
  /** Starts suspended, whatever the table does. */
  readonly suspended?: boolean;
  /** Name of the supervisor. */
  readonly supervisor?: string;
  /** Is told when the process ends after it has started. */
  readonly onExit?: (error: ExitError) => void;
}
