/**
 * New calls wait, so that those in flight can finish before something is done to the node. It ends by itself: a call that is in flight
 * may be waiting for one that is held.
 */
import type { Call } from './call.ts';
import { LISTEN } from './call.ts';

export interface DrainState {
  readonly active: boolean;
  /** Calls that a runner has, but for those that only listen. */
  readonly inFlight: number;
  readonly held: number;
  readonly remainingMs: number;
}

/** Answered at once whatever is held: a client would take its absence for the node's. */
const AT_ONCE: ReadonlySet<string> = new Set([LISTEN, 'ping']);

const POLL_MS = 10;

export class Drain {
  readonly #held = new Set<Call>();
  readonly #release: (calls: readonly Call[]) => void;
  readonly #inFlight: () => Iterable<Call>;
  #timer: NodeJS.Timeout | undefined;
  #until = 0;

  /** @param release told of the held calls when the drain ends by itself or by an operator's word */
  constructor(inFlight: () => Iterable<Call>, release: (calls: readonly Call[]) => void) {
    this.#inFlight = inFlight;
    this.#release = release;
  }

  get active(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins, or lasts so long from now on. */
  begin(ms: number): void {
    clearTimeout(this.#timer);
    this.#until = performance.now() + ms;
    this.#timer = setTimeout(() => this.end(), ms);
  }

  /** What was held goes on. */
  end(): void {
    this.#release(this.take());
  }

  /** Ends it; the oldest of what was held first. */
  take(): Call[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const calls = [...this.#held];
    this.#held.clear();
    return calls;
  }

  /** Whether the call waits from now on. */
  hold(call: Call): boolean {
    if (AT_ONCE.has(call.message.method)) return false;
    this.#held.add(call);
    return true;
  }

  remove(call: Call): void {
    this.#held.delete(call);
  }

  get state(): DrainState {
    let inFlight = 0;
    for (const { runner, message } of this.#inFlight())
      if (runner && !AT_ONCE.has(message.method)) inFlight++;
    const remainingMs = this.active ? Math.max(0, this.#until - performance.now()) : 0;
    return { active: this.active, inFlight, held: this.#held.size, remainingMs };
  }

  /** Resolves when nothing is in flight, or the drain has ended. */
  async drained(signal: AbortSignal): Promise<DrainState> {
    while (this.active && this.state.inFlight > 0) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return this.state;
  }
}
