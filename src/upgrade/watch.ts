/**
 * The watch: the time after a switch in which the version before is kept warm. It outlives the host: its end stands
 * in the store beside the active release. It ends by time, by an operator's `accept`, by a rollback, or by the next switch.
 */
import type { ActiveRelease, HostStore } from '../host/index.ts';

export type WatchEnd = 'passed' | 'accepted' | 'rolled_back' | 'superseded';

export class Watch {
  readonly #store: HostStore;
  #timer: NodeJS.Timeout | undefined;
  #ended: WatchEnd | null = null;
  /** Told when the watch is over and the version before is not needed any more. */
  onEnd: (end: WatchEnd) => void = () => {};

  constructor(store: HostStore) {
    this.#store = store;
  }

  get ended(): WatchEnd | null {
    return this.remainingMs > 0 ? null : this.#ended;
  }

  get remainingMs(): number {
    return Math.max(0, (this.#store.active()?.watchUntil ?? 0) - Date.now());
  }

  /** Starts, or goes on after a boot, with what the store says. */
  resume(): void {
    clearTimeout(this.#timer);
    const active = this.#store.active();
    if (active?.watchUntil === undefined) return;
    this.#timer = setTimeout(() => void this.end('passed'), Math.min(this.remainingMs, 2 ** 31 - 1));
    this.#timer.unref();
  }

  /** Ends the watch; false: there was none. */
  async end(how: WatchEnd): Promise<boolean> {
    clearTimeout(this.#timer);
    const active = this.#store.active();
    this.#ended = how;
    if (active?.watchUntil === undefined) return false;
    const { watchUntil: _over, ...rest } = active;
    const unsettled = how === 'passed' || how === 'accepted';
    await this.#store.setActive({ ...(rest as ActiveRelease), ...(unsettled ? { unsettled } : {}) });
    this.onEnd(how);
    return true;
  }

  /** The watch of an earlier switch is over because another one took its place; the store knows already. */
  superseded(): void {
    clearTimeout(this.#timer);
    this.#ended = 'superseded';
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
