/**
 * Work that may look and must not touch: code that runs in it, and whatever that leaves behind, reaches no server, neither of this runner
 * nor, through the host, of another one, and writes no table.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { genServer, noreply, ProcessTable } from '../otp/index.ts';

const isolated = new AsyncLocalStorage<true>();

/** Whether the running code is, or was started by, isolated work. */
export const isIsolated = (): boolean => isolated.getStore() === true;

/** Runs as a process of a table of its own: there the functions of `erlmcp/otp` find nobody else. */
export async function inIsolation<T>(work: () => Promise<T>): Promise<T> {
  const table = new ProcessTable({ canForward: false });
  const done = Promise.withResolvers<T>();
  const worker = genServer<null, Record<never, never>, { work: () => void }>({
    name: 'isolated',
    version: 1,
    init: () => null,
    handleCall: () => noreply(null),
    handleCast: async () => {
      await isolated.run(true, work).then(done.resolve, done.reject);
      return noreply(null);
    },
  });
  const pid = await table.start(worker, { name: null });
  table.cast(pid, ['work']);
  return done.promise.finally(() => table.stop(pid));
}
