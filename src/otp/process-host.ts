/** What a process needs of the table that it lives in. */
import type { DeferredReplies } from './deferred-replies.ts';
import type { Envelope, From } from './envelope.ts';
import type { ExitError } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import type { Monitors } from './monitors.ts';
import type { Pid } from './pid.ts';
import type { PersistencePort } from './ports.ts';
import type { Registrations } from './registrations.ts';
import type { Runnable } from './run-queue.ts';
import type { Signals } from './signals.ts';

/**
 * running: a callback is at work. waiting: for a message. suspended: takes no message until the table resumes, or none but those of
 * `sys` until `sys.resume`. moved: a shell of a server that now lives in another table.
 */
export type ProcessStatus = 'running' | 'waiting' | 'suspended' | 'moved';

export interface ProcessOptions {
  /** Default: the pid. */
  readonly name?: string | undefined;
  readonly supervisor?: string | undefined;
  /** Starts suspended. */
  readonly held: boolean;
  /** Is told when the process ends after it has started. */
  readonly onExit?: ((error: ExitError) => void) | undefined;
}

export interface ProcessHost {
  readonly table: object;
  /** While it is draining (stage 1 of a suspension), only messages of servers are taken, and it wants to know when callbacks settle. */
  readonly suspension: { readonly stage: string };
  readonly persistence: PersistencePort | undefined;
  /** Only servers that are safe to rehearse act by themselves. */
  readonly isRehearsal: boolean;
  readonly monitors: Monitors;
  readonly deferred: DeferredReplies;
  readonly signals: Signals;
  readonly registrations: Registrations;
  schedule(process: Runnable): void;
  /** Puts a call among those that the table waits for. */
  openCall(from: From, address: string, timeoutMs: number, caller: Pid | undefined): Promise<unknown>;
  /** Runs `action` in the context of no process. */
  outside(action: () => void): void;
  answer(from: From, value: unknown): void;
  refuse(from: From, error: ExitError): void;
  /** The call stays open and is answered later by `by`. */
  defer(from: From, by: HostedProcess): void;
  forward(name: string, envelope: Envelope): void;
  unregister(process: HostedProcess, error: ExitError): void;
  /** Takes a shell out of the table: nothing ended. */
  forget(process: HostedProcess): void;
  /** A callback has settled. */
  settled(): void;
}
