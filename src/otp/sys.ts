/** Looks into a running server and steers it, as OTP's `sys`. A server answers in its turn; a suspended one answers nothing else. */
import { addressOf, type CallOptions, type Target, tableOf } from './client.ts';
import { currentProcess } from './current-process.ts';
import type { AnyServer } from './gen-server.ts';
import type { ServerStatus, SystemRequest } from './system-messages.ts';
import type { TraceEvent, TraceListener } from './trace.ts';

const ask = (target: Target, request: SystemRequest, options?: CallOptions): Promise<unknown> =>
  tableOf(currentProcess()).system(addressOf(target), request, options?.timeout);

const print: TraceListener = ({ pid, name, type, ...detail }: TraceEvent) =>
  console.error(`*DBG* ${name} ${pid} ${type} ${JSON.stringify(detail)}`);

/** All reject as `call` does: `{noproc, Name}`, `{timeout, Name}` (5 s unless told otherwise), the reason of the server's end. */
export const sys = {
  /** The state itself, not a copy, where the server lives in this table. */
  getState: (target: Target, options?: CallOptions) => ask(target, ['get_state'], options),

  /** Goes on with what `change` makes of the state; where it throws, with the state as it was. @returns the new state */
  replaceState: (target: Target, change: (state: never) => unknown, options?: CallOptions) =>
    ask(target, ['replace_state', change as (state: unknown) => unknown], options),

  getStatus: (target: Target, options?: CallOptions) =>
    ask(target, ['get_status'], options) as Promise<ServerStatus>,

  /** From now on the server takes only messages of `sys`, and exit signals; others wait. A hand-over keeps it so. */
  suspend: async (target: Target, options?: CallOptions): Promise<void> => {
    await ask(target, ['suspend'], options);
  },

  resume: async (target: Target, options?: CallOptions): Promise<void> => {
    await ask(target, ['resume'], options);
  },

  /**
   * Puts another definition under a server that `suspend` holds; its `codeChange` makes the state of what is there, unless the versions
   * are the same. A failure leaves code and state as they were. A restart begins with the definition of the child specification.
   * Rejects with `{not_suspended, Name}` too, and with `{not_local, Name}` for a server in another table.
   */
  changeCode: async (
    target: Target,
    server: AnyServer,
    oldVersion: number,
    options?: CallOptions,
  ): Promise<void> => {
    await ask(target, ['change_code', server, oldVersion], options);
  },

  /** Tells `listener` of each message, answer and new state; `true` prints them to stderr, `false` stops it. Ends with a hand-over. */
  trace: async (target: Target, listener: TraceListener | boolean, options?: CallOptions): Promise<void> => {
    const chosen = listener === true ? print : listener || undefined;
    await ask(target, ['trace', chosen], options);
  },
} as const;
