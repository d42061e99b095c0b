/**
 * Messages to servers. Inside a server's callback these functions use the table that the server lives in; elsewhere they use
 * `processes`. A server is named by its definition, which types the request, by its registered name or pid, by a key of a registry
 * (`via`), or by one of these with the definition beside it (`at`).
 */
import { currentProcess, requireCurrentProcess } from './current-process.ts';
import type { From } from './envelope.ts';
import type { AnyServer, CallTarget, CastTarget, ReplyOf, RequestArgs } from './gen-server.ts';
import type { Pid } from './pid.ts';
import { ProcessTable, processes } from './process-table.ts';
import type { Via } from './registry.ts';
import { DEFAULT_CALL_TIMEOUT_MS } from './table-options.ts';

export interface CallOptions {
  /** In ms; default 5000; `Infinity` waits as long as it takes. */
  readonly timeout?: number;
}

export const tableOf = (process: { readonly table: object } | undefined): ProcessTable =>
  process?.table instanceof ProcessTable ? process.table : processes;

/** A definition, a name, a pid, or what `via` or `at` returns. */
export type Target = string | { readonly name: string };

export const addressOf = (server: Target): string => (typeof server === 'string' ? server : server.name);

/** A process by its name, pid or `via`, typed by the definition that it runs: `call(at(counter, pid), ['increment'])`. */
export const at = <Server extends AnyServer>(server: Server, where: Target): Server => ({
  ...server,
  name: addressOf(where),
});

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
  untyped: string | Via,
  request: readonly [string, ...unknown[]],
  options?: CallOptions,
): Promise<unknown>;
export function call(server: Target, request: unknown, options?: CallOptions): Promise<unknown> {
  const sender = currentProcess();
  const timeoutMs = options?.timeout ?? DEFAULT_CALL_TIMEOUT_MS;
  return tableOf(sender).router.call(addressOf(server), request, timeoutMs, 'call', sender);
}

/** Tells a server something and does not wait. A cast to nobody is dropped. */
export function cast<Casts, K extends keyof Casts & string>(
  server: CastTarget<Casts>,
  message: readonly [K, ...RequestArgs<Casts[K]>],
): void;
export function cast(untyped: string | Via, message: readonly [string, ...unknown[]]): void;
export function cast(server: Target, message: unknown): void {
  tableOf(currentProcess()).cast(addressOf(server), message);
}

/** Sends a plain message, for `handleInfo`. */
export function send(server: Target, message: unknown): void {
  tableOf(currentProcess()).send(addressOf(server), message);
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

/**
 * The current process gets `['DOWN', ref, address, reason]` when `server` ends; `address` is what it was named by here. The end of a
 * process that lives in another table is not seen, unless it lived here when it was monitored and has moved since. @returns the
 * ref, for `demonitor`
 */
export function monitor(server: Target): string {
  const process = requireCurrentProcess('monitor');
  return tableOf(process).monitor(process.name, addressOf(server));
}

/** @returns whether the monitor was still there */
export const demonitor = (ref: string): boolean => tableOf(currentProcess()).demonitor(ref);

/** The pid that a name, or a key of a registry, is registered for. */
export const whereis = (name: Target): Pid | undefined => tableOf(currentProcess()).whereis(addressOf(name));
