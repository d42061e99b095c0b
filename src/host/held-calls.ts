/** Requests that came while no runner could take them. They wait in order, for a bounded time. */
import type { Call } from './call.ts';

export class HeldCalls {
  readonly #calls = new Set<Call>();
  readonly #holdMs: number;
  readonly #late: (call: Call) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param late told of each call that waited for too long; it is held no more */
  constructor(holdMs: number, late: (call: Call) => void) {
    this.#holdMs = holdMs;
    this.#late = late;
  }

  add(call: Call): void {
    this.#calls.add(call);
    this.#timer ??= setTimeout(() => {
      for (const late of this.take()) this.#late(late);
    }, this.#holdMs);
  }

  remove(call: Call): void {
    this.#calls.delete(call);
  }

  /** How many wait, and since when the oldest does, by `performance.now()`. */
  get waiting(): { count: number; since: number | undefined } {
    const [oldest] = this.#calls;
    return { count: this.#calls.size, since: oldest?.startedAt };
  }

  /** All that wait, the oldest first. */
  take(): Call[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const calls = [...this.#calls];
    this.#calls.clear();
    return calls;
  }
}
