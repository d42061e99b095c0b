/** Processes with something to do, each a message at a turn. They run as microtasks, and let the event loop breathe in between. */
import { AsyncResource } from 'node:async_hooks';

/** Messages handled before timers and sockets get their turn; about a millisecond of small handlers. */
const BREATH_AFTER = 1024;
const SETTLED = Promise.resolve();

export interface Runnable {
  run(): void;
}

export class RunQueue {
  #queue: Runnable[] = [];
  #head = 0;
  #armed = false;
  #sinceBreath = 0;
  /** The queue works in the context of its maker, not in that of the process whose message woke it. */
  readonly #scope = new AsyncResource('erlmcp.run_queue');
  readonly #work = (): void => this.#takeTurns();
  readonly #drain = (): void => this.#scope.runInAsyncScope(this.#work);

  add(process: Runnable): void {
    this.#queue.push(process);
    if (!this.#armed) this.#arm();
  }

  #arm(): void {
    this.#armed = true;
    if (this.#sinceBreath < BREATH_AFTER) {
      // Half the price of queueMicrotask, which makes an async resource per call.
      void SETTLED.then(this.#drain);
      return;
    }
    this.#sinceBreath = 0;
    setImmediate(this.#drain);
  }

  #takeTurns(): void {
    try {
      while (this.#head < this.#queue.length && this.#sinceBreath < BREATH_AFTER) {
        const next = this.#queue[this.#head];
        this.#head += 1;
        this.#sinceBreath += 1;
        next?.run();
      }
    } finally {
      this.#goOn();
    }
  }

  #goOn(): void {
    if (this.#head === this.#queue.length) this.#queue.length = 0;
    else this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
    this.#armed = false;
    if (this.#queue.length > 0) this.#arm();
  }
}
