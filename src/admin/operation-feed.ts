/**
 * What `upgrade_follow` tells: the steps of operations, kept so that a follower who comes late or comes back misses none, and how
 * each ended. Only one operation runs at a time; the last few are kept. A slow or lost follower never holds an operation up.
 */
import type { NotificationOf, ResultOf } from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import type { ControlContext } from './control-handlers.ts';

type Event = NotificationOf<'upgrade_event'>;
type Result = ResultOf<'upgrade_follow'>;

const KEPT = 8;

interface Operation {
  readonly events: Event[];
  readonly listeners: Set<(event: Event) => void>;
  readonly ended: Promise<Result>;
  readonly end: (result: Result) => void;
}

export class OperationFeed {
  /** By id, oldest first. */
  readonly #operations = new Map<string, Operation>();

  /** Has to come before the answer of `upgrade` or `downgrade`, so that the caller can follow at once. */
  begin(operation: string): void {
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#operations.set(operation, { events: [], listeners: new Set(), ended: promise, end: resolve });
    const oldest = this.#operations.keys().next().value;
    if (this.#operations.size > KEPT && oldest !== undefined) this.#operations.delete(oldest);
  }

  has(operation: string): boolean {
    return this.#operations.has(operation);
  }

  tell(event: Event): void {
    const operation = this.#operations.get(event.operation);
    if (!operation) return;
    if (event.state !== 'running') operation.events.push(event);
    for (const listener of operation.listeners) listener(event);
  }

  end(result: Result): void {
    this.#operations.get(result.operation)?.end(result);
  }

  /** The handler of `upgrade_follow`. Without an id: the operation that began last. */
  async follow(id: string | undefined, context: ControlContext): Promise<Result> {
    const operation = this.#find(id);
    const listener = (event: Event): void => context.notify('upgrade_event', event);
    for (const event of operation.events) listener(event);
    operation.listeners.add(listener);
    const settled = new AbortController();
    try {
      return await Promise.race([operation.ended, gone(context.signal, settled.signal)]);
    } finally {
      settled.abort();
      operation.listeners.delete(listener);
    }
  }

  #find(id: string | undefined): Operation {
    const operation = id === undefined ? [...this.#operations.values()].at(-1) : this.#operations.get(id);
    if (operation) return operation;
    throw new OperatorError(
      tuple('no_such_operation', id ?? 'none'),
      'The node knows of no such upgrade or downgrade since it was started.',
      'See how the last one ended with: erlmcpctl upgrade --status',
    );
  }
}

/** Rejects when `signal` aborts; lets go of it when `settled` does. */
function gone(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = (): void =>
      reject(
        new OperatorError(
          tuple('follow_ended', 'closing'),
          'The node is stopping and no longer tells of the operation.',
          'See how it ended with: erlmcpctl upgrade --status',
          { exitCode: 124 },
        ),
      );
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true, signal: settled });
  });
}
