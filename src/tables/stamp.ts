import type { Database, Key } from 'lmdb';

/**
 * Says whether what is known of an environment beside its rows still holds: its indexes, and where its tables stand. Read at the
 * start of each write and at each refresh, so that all processes follow a change in the order of the transactions.
 */
export class Stamp {
  readonly #records: Database<unknown, Key> | undefined;

  constructor(records: Database<unknown, Key> | undefined) {
    this.#records = records;
  }

  /** Undefined before the first change. */
  read(): number | undefined {
    return this.#records?.get(STAMP) as number | undefined;
  }

  /** In a write transaction. Another number, not the next one: one that was rolled back would stand for two different states. */
  change(): void {
    void this.#records?.put(STAMP, Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  }
}

const STAMP = '$stamp';
