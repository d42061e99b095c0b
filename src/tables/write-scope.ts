import { TableError } from './table-error.ts';

/**
 * While a callback of a write transaction runs, this process holds a writer lock that every other process waits for. So the
 * callback is synchronous, starts no other write, and there is one at a time: it runs on the main thread.
 */
let inside = false;

export function runInScope<T>(action: () => T): T {
  inside = true;
  try {
    return refusePromise(action());
  } finally {
    inside = false;
  }
}

let isBarred = (): boolean => false;

/** From now on code for which `barred` is true may read the tables of this process, and not write them. */
export function barWrites(barred: () => boolean): void {
  isBarred = barred;
}

/** Where a write is about to start. */
export function assertMayWrite(): void {
  if (isBarred()) throw new TableError('read_only', 'what runs here may read tables, and not write them');
  if (!inside) return;
  throw new TableError(
    'in_transaction',
    'a write of a table was started inside of a transaction, and would not be part of it; use what the transaction was given',
  );
}

/** A promise means that work goes on after the callback: the writes would be half of what was meant. */
export function refusePromise<T>(result: T): T {
  if (!isThenable(result)) return result;
  Promise.resolve(result).catch(() => undefined);
  throw new TableError(
    'promise_in_transaction',
    'the callback of a transaction returned a promise and was rolled back; it must be synchronous',
  );
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
