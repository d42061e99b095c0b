/** What the tests of the OTP library share: waiting for conditions, a counter, and tables joined in memory. */
import {
  ExitError,
  genServer,
  noreply,
  type ProcessChange,
  ProcessTable,
  type ProcessTableOptions,
  reply,
  stop,
} from '../../src/otp/index.ts';

/** Waits until `condition` holds; fails after `deadlineMs`. */
export async function eventually(condition: () => boolean, what: string, deadlineMs = 5000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The reason of a promise that must reject with an ExitError. */
export async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ExitError) return error.reason;
  throw error;
}

/** A promise and the means to settle it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

export interface CounterState {
  readonly count: number;
}

export type CounterCalls = {
  increment: () => { count: number };
  add: (n: number) => { count: number };
  get: () => { count: number };
  crash: (message: string) => never;
  quit: (reason: string) => 'bye';
};

export type CounterCasts = { bump: (n: number) => void; crash: () => void };

/** Counts; its infos `['add', n]` count too. */
export const counter = genServer<CounterState, CounterCalls, CounterCasts, { from: number } | undefined>({
  name: 'counter',
  version: 1,
  init: (args) => ({ count: args?.from ?? 0 }),
  handleCall(request, _from, state) {
    switch (request[0]) {
      case 'increment':
        return reply({ count: state.count + 1 }, { count: state.count + 1 });
      case 'add':
        return reply({ count: state.count + request[1] }, { count: state.count + request[1] });
      case 'get':
        return reply(state, state);
      case 'crash':
        throw new TypeError(request[1]);
      case 'quit':
        return stop(request[1], state, 'bye');
    }
  },
  handleCast(message, state) {
    if (message[0] === 'crash') throw new Error('cast');
    return noreply({ count: state.count + message[1] });
  },
  handleInfo: (message, state) => noreply({ count: state.count + (message as ['add', number])[1] }),
});

/** All changes of a table, as `type name`. */
export function record(table: ProcessTable): string[] {
  const seen: string[] = [];
  table.onChange((change: ProcessChange) => seen.push(`${change.type} ${change.name}`));
  return seen;
}

/** Two tables, each the other's remote; every hop goes through a structured clone and a turn of the event loop. */
export function joinedTables(options: ProcessTableOptions = {}): { old: ProcessTable; next: ProcessTable } {
  const hop = <T>(value: T, to: (value: T) => void): void => {
    const copy = structuredClone(value);
    setImmediate(() => to(copy));
  };
  const remoteOf = (other: () => ProcessTable): NonNullable<ProcessTableOptions['remote']> => ({
    forward: (name, envelope) => hop(envelope, (copy) => other().deliver(name, copy)),
    reply: (from, outcome) => hop({ from, outcome }, (copy) => other().settle(copy.from, copy.outcome)),
  });
  const old: ProcessTable = new ProcessTable({ ...options, remote: remoteOf(() => next) });
  const next: ProcessTable = new ProcessTable({ ...options, node: 1, remote: remoteOf(() => old) });
  return { old, next };
}
