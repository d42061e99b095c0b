/** What a process table needs of the world around it, and what it hands over. All values survive a structured clone. */
import type { Envelope, From, Outcome } from './envelope.ts';
import type { Pid } from './pid.ts';
import type { RegistrationSnapshot } from './registrations.ts';

/** The way to other process tables. Neither method may throw or answer within the call. */
export interface RemotePort {
  /**
   * Passes on a message for a server that has moved or is not known here; `name` may be a pid or a key of a registry (`{via, …}`).
   * A call that finds no server must be settled with `noproc`.
   */
  forward(name: string, envelope: Envelope): void;
  /** Passes on the answer of a call that another table made (`from.origin`). */
  reply(from: From, outcome: Outcome): void;
}

/** Where the states of `persist: true` servers are kept. `save` resolves when the state is durable. */
export interface PersistencePort {
  load(name: string): Promise<{ version: number; state: unknown } | undefined>;
  save(name: string, version: number, state: unknown): Promise<void>;
}

/** A timer of a process; times in milliseconds. */
export interface TimerSnapshot {
  readonly ref: string;
  /** From the moment of the snapshot; 0 if it is due. */
  readonly remainingMs: number;
  /** Of a repeating timer. */
  readonly intervalMs?: number;
  readonly message: unknown;
}

/** A monitor that a process holds on another. */
export interface MonitorSnapshot {
  readonly ref: string;
  /** The watched process. */
  readonly name: string;
}

/** All that a suspended server is, to be adopted by another process table. */
export interface ServerSnapshot {
  readonly name: string;
  /** Name of its definition, which a child specification may differ from. */
  readonly server?: string;
  /** Of a child of a simple_one_for_one supervisor: that of the same name takes it over. */
  readonly child?: { readonly supervisor: string; readonly args: unknown } | undefined;
  /** Of the server module that wrote `state`. */
  readonly version: number;
  readonly state: unknown;
  readonly mailbox: readonly Envelope[];
  readonly timers: readonly TimerSnapshot[];
  readonly monitors: readonly MonitorSnapshot[];
  /** Calls that were taken with `noreply` and are not answered yet. */
  readonly deferred: readonly From[];
  // What follows is absent where an older runtime wrote the snapshot.
  readonly pid?: Pid;
  /** Pids, and names of processes in other tables. */
  readonly links?: readonly string[];
  readonly registrations?: readonly RegistrationSnapshot[];
  readonly trapExit?: boolean;
  /** By `sys.suspend`. */
  readonly sysSuspended?: boolean;
}
