/** What travels between processes besides messages: links and exits, as OTP's signals, and the end of a caller's patience. */
import type { Envelope, From, Origin } from './envelope.ts';
import type { ExitError } from './exit-error.ts';
import type { Links } from './links.ts';
import type { Pid } from './pid.ts';

/**
 * link, unlink: the sender has linked itself to the receiver, or no longer is.
 * exit: somebody wants the receiver to end (`exit(target, reason)`).
 * linked_exit: a process that the receiver is linked to has ended; `address` is what the receiver may know it by besides its pid.
 * gave_up: nobody waits for the answer of that call any more.
 */
export type Signal =
  | readonly ['link', from: Pid]
  | readonly ['unlink', from: Pid]
  | readonly ['exit', from: Origin, reason: string]
  | readonly ['linked_exit', from: string, address: string, reason: string]
  | readonly ['gave_up', call: From];

/** What a process that traps exits gets instead of its end: who ended or asked for it (`'outside'`: no process), and why. */
export type ExitMessage = readonly ['EXIT', from: string, reason: string];

export interface Exit {
  readonly from: string;
  readonly reason: string;
  /** Of a process that is linked. */
  readonly byLink: boolean;
}

export type Effect = 'ignored' | 'message' | { readonly endsWith: string };

/** OTP's rules for an exit signal. A `kill` that came by a link is a reason as any other; its sender died of `killed`. */
export function effectOf({ from, reason, byLink }: Exit, receiver: Pid, trapsExits: boolean): Effect {
  if (reason === 'kill' && !byLink) return { endsWith: 'killed' };
  if (trapsExits) return 'message';
  if (reason === 'normal' && from !== receiver) return 'ignored';
  return { endsWith: reason };
}

/** A process as far as signals go. */
export interface SignalTarget {
  readonly pid: Pid;
  readonly name: string;
  readonly trapsExits: boolean;
  post(envelope: Envelope): void;
  /** Ends it at once, without `terminate`. */
  die(error: ExitError): void;
}

/** What a process needs of the table's signals. */
export interface Signals {
  readonly links: Links;
  /** What a signal does to the process that it has reached. */
  receive(process: SignalTarget, signal: Signal): void;
  /** Tells all that are linked to a process that it has ended. */
  ended(process: Pick<SignalTarget, 'pid' | 'name'>, reason: string): void;
}
