/** A runner that is started for one piece of work on the tables, and ended with it: what goes wrong in it harms nobody else. */
import type { RunnerProcess } from '../../host/index.ts';
import type { RunnerRole } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import type { TaskControl } from './tasks.ts';

/** Of a call that goes through whole tables; a worker that hangs is ended by its heartbeat long before. */
export const WORK_MS = 24 * 3_600_000;

/** @param use its `commit` says that from now on the work is done to its end: whoever stops it waits for that */
export async function withWorker<T>(
  { fleet, store }: NodeParts,
  role: RunnerRole & ('check' | 'tend'),
  { signal, progress }: TaskControl,
  use: (worker: RunnerProcess, commit: () => void) => Promise<T>,
): Promise<T> {
  const vsn = fleet.active?.vsn ?? store.active()?.vsn;
  if (vsn === undefined) throw new Error('the node has not run a release yet');
  signal.throwIfAborted();
  const wanted = new AbortController();
  const stop = (): void => wanted.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const worker = await fleet.spawn(vsn, role, wanted.signal);
  worker.onProgress = progress;
  try {
    return await use(worker, () => signal.removeEventListener('abort', stop));
  } finally {
    signal.removeEventListener('abort', stop);
    worker.kill('its work is done');
    await worker.ended;
  }
}
