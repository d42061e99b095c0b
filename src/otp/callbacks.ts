/** Calls a server's callbacks and judges what they return. */
import type { Envelope } from './envelope.ts';
import { ExitError, exitOf } from './exit-error.ts';
import type { ServerCallbacks } from './gen-server.ts';
import { type NoReply, noreply, type Reply, type Stop } from './results.ts';
import { withinLimit } from './within-limit.ts';

export type HandlerResult = Reply<unknown, unknown> | NoReply<unknown> | Stop<unknown, unknown>;

export function dispatch(callbacks: ServerCallbacks, envelope: Envelope, state: unknown): unknown {
  if (envelope.from !== undefined) return callbacks.handleCall(envelope.body, envelope.from, state);
  if (envelope.kind === 'info') {
    return callbacks.handleInfo ? callbacks.handleInfo(envelope.body, state) : noreply(state);
  }
  if (callbacks.handleCast) return callbacks.handleCast(envelope.body, state);
  throw new ExitError('{undef, handle_cast}', 'a cast came to a server that has no handleCast.');
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** A result fits its message: only a call can be replied to. */
export function isResultFor(envelope: Envelope, result: unknown): result is HandlerResult {
  if (typeof result !== 'object' || result === null) return false;
  const { kind } = result as { kind?: unknown };
  return kind === 'noreply' || kind === 'stop' || (kind === 'reply' && envelope.from !== undefined);
}

/** Runs `terminate` for at most `limitMs`. Returns the reason of the end: `exit`, or what the callback threw. */
export async function terminateWithin(
  limitMs: number,
  terminate: () => unknown,
  exit: ExitError,
): Promise<ExitError> {
  try {
    return await withinLimit(
      (async () => terminate())().then(() => exit),
      limitMs,
      async () => exit,
    );
  } catch (thrown) {
    return exitOf(thrown);
  }
}
