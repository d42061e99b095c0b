/** What a process table needs of the world around it, and what it hands over. All values survive a structured clone. */
import type { Envelope, From, Outcome } from './envelope.ts';

/** The way to other process tables. Neither method may throw or answer within the call. */
export interface RemotePort {
  /** Passes on a message for a server that has moved or is not known here. A call that finds no server must be settled with `noproc`. */
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
  /** Of the server module that wrote `state`. */
  readonly version: number;
  readonly state: unknown;
  readonly mailbox: readonly Envelope[];
  readonly timers: readonly TimerSnapshot[];
  readonly monitors: readonly MonitorSnapshot[];
  /** Calls that were taken with `noreply` and are not answered yet. */
  readonly deferred: readonly From[];
}
