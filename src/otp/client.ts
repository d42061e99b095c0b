/**
 * Messages to servers. Inside a server's callback these functions use the table that the server lives in; elsewhere they use
 * `processes`. A server is named by its definition, which types the request, or by its registered name.
 */
import { currentProcess, requireCurrentProcess } from './current-process.ts';
import type { From } from './envelope.ts';
import type { CallTarget, CastTarget, ReplyOf, RequestArgs } from './gen-server.ts';
import type { Pid } from './pid.ts';
import { ProcessTable, processes } from './process-table.ts';

export interface CallOptions {
  /** In ms; default 5000; `Infinity` waits as long as it takes. */
  readonly timeout?: number;
}

const tableOf = (process: { readonly table: object } | undefined): ProcessTable =>
  process?.table instanceof ProcessTable ? process.table : processes;

const nameOf = (server: string | { readonly name: string }): string =>
  typeof server === 'string' ? server : server.name;

/**
 * Asks a server and waits for its answer. Rejects with an `ExitError` whose reason is `{noproc, Name}`, `{timeout, Name}`, or
 * that of the server's end. After a time-out the request may still be carried out; its answer is dropped.
 */
export function call<Calls, K extends keyof Calls & string>(
  server: CallTarget<Calls>,
  request: readonly [K, ...RequestArgs<Calls[K]>],
  options?: CallOptions,
): Promise<ReplyOf<Calls[K]>>;
export function call(
  name: string,
  request: readonly [string, ...unknown[]],
  options?: CallOptions,
): Promise<unknown>;
export function call(
  server: string | { readonly name: string },
  request: unknown,
  options?: CallOptions,
): Promise<unknown> {
  return tableOf(currentProcess()).call(nameOf(server), request, options?.timeout);
}

/** Tells a server something and does not wait. A cast to nobody is dropped. */
export function cast<Casts, K extends keyof Casts & string>(
  server: CastTarget<Casts>,
  message: readonly [K, ...RequestArgs<Casts[K]>],
): void;
export function cast(name: string, message: readonly [string, ...unknown[]]): void;
export function cast(server: string | { readonly name: string }, message: unknown): void {
  tableOf(currentProcess()).cast(nameOf(server), message);
}

/** Sends a plain message, for `handleInfo`. */
export function send(server: string | { readonly name: string }, message: unknown): void {
  tableOf(currentProcess()).send(nameOf(server), message);
}

/** Answers a call that was taken with `noreply`. `from` may have been kept in the state, and have moved with it. */
export function replyTo(from: From, value: unknown): void {
  tableOf(currentProcess()).replyTo(from, value);
}

/** Who this is, in a server's callback. */
export function self(): { readonly pid: Pid; readonly name: string } {
  const { pid, name } = requireCurrentProcess('self');
  return { pid, name };
}

/** Sends the current process `message` in `ms`; the timer ends and moves with the process. @returns for `cancelTimer` */
export function sendAfter(ms: number, message: unknown): string {
  const process = requireCurrentProcess('send_after');
  return tableOf(process).startTimer(process.name, ms, message);
}

/** Sends the current process `message` every `ms`. @returns for `cancelTimer` */
export function sendInterval(ms: number, message: unknown): string {
  const process = requireCurrentProcess('send_interval');
  return tableOf(process).startTimer(process.name, ms, message, ms);
}

/** @returns whether the timer was still to come */
export const cancelTimer = (ref: string): boolean => tableOf(currentProcess()).cancelTimer(ref);

/** The current process gets `['DOWN', ref, name, reason]` when `server` ends. @returns the ref, for `demonitor` */
export function monitor(server: string | { readonly name: string }): string {
  const process = requireCurrentProcess('monitor');
  return tableOf(process).monitor(process.name, nameOf(server));
}

/** @returns whether the monitor was still there */
export const demonitor = (ref: string): boolean => tableOf(currentProcess()).demonitor(ref);

/** The pid that a name is registered for. */
export const whereis = (name: string): Pid | undefined => tableOf(currentProcess()).whereis(name);
