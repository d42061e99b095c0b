/** Processes with something to do, each a message at a turn. They run as microtasks, and let the event loop breathe in between. */
import { AsyncResource } from 'node:async_hooks';

/** Messages handled before timers and sockets get their turn; about half a millisecond of small handlers. */
const BREATH_AFTER = 4096;
const SETTLED = Promise.resolve();

export interface Runnable {
  run(): void;
}

/** A turn runs in the context of whoever made the first one wait, so a process enters its own before it does anything. */
export class RunQueue {
  readonly #queue: (Runnable | undefined)[] = [];
  #head = 0;
  #tail = 0;
  #armed = false;
  #sinceBreath = 0;
  readonly #outside = new AsyncResource('erlmcp.run_queue');
  readonly #drain = (): void => this.#takeTurns();

  add(process: Runnable): void {
    this.#queue[this.#tail] = process;
    this.#tail += 1;
    if (!this.#armed) this.#arm();
  }

  /** Counts a turn that is taken without waiting in line. @returns whether it may: not when it is time to breathe */
  mayGoFirst(): boolean {
    if (this.#sinceBreath >= BREATH_AFTER) return false;
    this.#sinceBreath += 1;
    return true;
  }

  /** Runs `action` in the context of no process. */
  outside(action: () => void): void {
    this.#outside.runInAsyncScope(action);
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
      while (this.#head < this.#tail && this.#sinceBreath < BREATH_AFTER) {
        const next = this.#queue[this.#head];
        this.#queue[this.#head] = undefined;
        this.#head += 1;
        this.#sinceBreath += 1;
        next?.run();
      }
    } finally {
      this.#goOn();
    }
  }

  #goOn(): void {
    this.#armed = false;
    if (this.#head * 2 >= this.#tail) this.#moveToFront();
    if (this.#tail > 0) this.#arm();
  }

  /** What is behind is as long as what is dropped, or shorter: each place is copied once, at most. */
  #moveToFront(): void {
    const left = this.#tail - this.#head;
    if (left > 0) this.#queue.copyWithin(0, this.#head, this.#tail).fill(undefined, left, this.#tail);
    this.#head = 0;
    this.#tail = left;
  }
}
