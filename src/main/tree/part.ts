/**
 * A part of the host as a process: it starts when its supervisor starts it, and ends what it owns when it ends. What it does
 * at intervals, or is asked by operators, passes its mailbox; requests of MCP clients use the part itself.
 */
import { OperatorError } from '../../errors/index.ts';
import {
  type AnyServer,
  call,
  genServer,
  noreply,
  processes,
  reply,
  replyTo,
  sendInterval,
} from '../../otp/index.ts';

/** What operators ask a part, by name. A promise is answered when it settles; the mailbox goes on meanwhile. */
export type PartCalls<T> = Readonly<Record<string, (part: T, ...args: never[]) => unknown>>;

export interface PartOptions<T> {
  name: string;
  start(): T | Promise<T>;
  stop?(part: T): unknown;
  /** Done every `ms`. */
  every?: { readonly ms: number; work(part: T): unknown };
  /** Done once, when the process takes messages. */
  begin?(part: T): unknown;
  calls?: PartCalls<T>;
}

/** The answer of a part: a refusal or a failed operation is an answer too, and ends no process. */
type Answer = { readonly ok: unknown } | { readonly error: unknown };

export function part<T>({ name, start, stop, every, begin, calls = {} }: PartOptions<T>): AnyServer {
  // A process that is killed runs no `terminate`: what it owned ends with it all the same, as a port of Erlang's does.
  let left: { owned: T } | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  const end = async (): Promise<void> => {
    const ended = left;
    left = undefined;
    if (ended) ending = (async () => await stop?.(ended.owned))();
    await ending;
  };
  const endWithProcess = (): void => {
    const leave = processes.onChange((change) => {
      if (change.type !== 'exited' || change.name !== name) return;
      leave();
      end().catch((error: Error) => process.emitWarning(`${name} did not end in order: ${error.message}`));
    });
  };
  return genServer<{ owned: T }, Record<string, (...args: unknown[]) => Answer>, Record<never, never>>({
    name,
    version: 1,
    init: async () => {
      await ending.catch(() => {});
      left = { owned: await start() };
      endWithProcess();
      return left;
    },
    resumed: async ({ owned }) => {
      if (every) sendInterval(every.ms, 'work');
      await begin?.(owned);
    },
    handleInfo: async (message, state) => {
      if (message === 'work') await every?.work(state.owned);
      return noreply(state);
    },
    handleCall: ([request, ...args], from, state) => {
      const ask = calls[request] as ((part: T, ...args: unknown[]) => unknown) | undefined;
      if (!ask) throw new TypeError(`${name} knows no call ${request}`);
      const answered = attempt(() => ask(state.owned, ...args));
      if (!('later' in answered)) return reply(answered, state);
      void answered.later.then((answer) => replyTo(from, answer));
      return noreply(state);
    },
    terminate: end,
  });
}

function attempt(ask: () => unknown): Answer | { readonly later: Promise<Answer> } {
  try {
    const ok = ask();
    if (!(ok instanceof Promise)) return { ok };
    return {
      later: ok.then(
        (value: unknown) => ({ ok: value }),
        (error: unknown) => ({ error }),
      ),
    };
  } catch (error) {
    if (error instanceof OperatorError) return { error };
    throw error;
  }
}

/** Asks a part through its mailbox. Rejects with what it refuses with, or with the reason of the process's end. */
export async function ask<T>(name: string, request: string, ...args: unknown[]): Promise<T> {
  const answer = (await call(name, [request, ...args], { timeout: Number.POSITIVE_INFINITY })) as Answer;
  if ('error' in answer) throw answer.error;
  return answer.ok as T;
}
