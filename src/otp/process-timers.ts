/** The timers of one process. They stand still while it is suspended, keep their due times, and move with it. */
import { LONGEST_TIMER_MS } from './after-ms.ts';
import type { TimerSnapshot } from './ports.ts';

interface Timer {
  readonly message: unknown;
  readonly intervalMs: number | undefined;
  dueAt: number;
  handle: NodeJS.Timeout | undefined;
}

export class ProcessTimers {
  readonly #timers = new Map<string, Timer>();
  readonly #deliver: (message: unknown) => void;
  #paused: boolean;

  constructor(paused: boolean, deliver: (message: unknown) => void) {
    this.#paused = paused;
    this.#deliver = deliver;
  }

  add({ ref, remainingMs, intervalMs, message }: TimerSnapshot): void {
    const timer: Timer = { message, intervalMs, dueAt: performance.now() + remainingMs, handle: undefined };
    this.#timers.set(ref, timer);
    if (!this.#paused) this.#arm(ref, timer);
  }

  /** @returns whether the timer was still to come */
  cancel(ref: string): boolean {
    clearTimeout(this.#timers.get(ref)?.handle);
    return this.#timers.delete(ref);
  }

  pause(): void {
    this.#paused = true;
    for (const timer of this.#timers.values()) clearTimeout(timer.handle);
  }

  /** Those that fell due meanwhile fire at once. */
  resume(): void {
    this.#paused = false;
    for (const [ref, timer] of this.#timers) this.#arm(ref, timer);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer.handle);
    this.#timers.clear();
  }

  snapshot(): TimerSnapshot[] {
    const now = performance.now();
    return Array.from(this.#timers, ([ref, { message, intervalMs, dueAt }]) => ({
      ref,
      remainingMs: Math.max(0, dueAt - now),
      ...(intervalMs === undefined ? {} : { intervalMs }),
      message,
    }));
  }

  #arm(ref: string, timer: Timer): void {
    const delay = Math.min(Math.max(timer.dueAt - performance.now(), 0), LONGEST_TIMER_MS);
    timer.handle = setTimeout(() => this.#fire(ref, timer), Math.ceil(delay));
  }

  #fire(ref: string, timer: Timer): void {
    const now = performance.now();
    // Node fires up to a millisecond early, and a very long timer in several steps.
    if (timer.dueAt - now >= 1) {
      this.#arm(ref, timer);
      return;
    }
    if (timer.intervalMs === undefined) this.#timers.delete(ref);
    else {
      // Beats that were missed are not made up for.
      const next = timer.dueAt + timer.intervalMs;
      timer.dueAt = next > now ? next : now + timer.intervalMs;
      this.#arm(ref, timer);
    }
    this.#deliver(timer.message);
  }
}
