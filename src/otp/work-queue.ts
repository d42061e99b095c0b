/**
 * Work that is done one after the other, in the order in which it came, and outside of any process: whoever asked for it is not
 * who does it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const outside = AsyncLocalStorage.snapshot();

export class WorkQueue {
  readonly #settled: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #size = 0;

  /** @param settled is told after each piece of work */
  constructor(settled: () => void) {
    this.#settled = settled;
  }

  /** Pieces of work that wait or are under way. */
  get size(): number {
    return this.#size;
  }

  /** Who adds it hears of its failure; the next in line does not care. */
  add<T>(work: () => Promise<T>): Promise<T> {
    this.#size += 1;
    const done = this.#last
      .then(() => outside(work))
      .finally(() => {
        this.#size -= 1;
        this.#settled();
      });
    this.#last = done.catch(() => undefined);
    return done;
  }
}
