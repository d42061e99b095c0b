import type { BenchCounter, BenchRow } from './rows.ts';

/** What is measured: a keeper of rows by key, beside which it keeps counters in a second table. */
export interface Peer {
  readonly name: string;
  readonly label: string;
  get(key: string): BenchRow | undefined;
  /** Done, or resolved, when the row is as durable as the peer makes it. */
  put(row: BenchRow): void | Promise<void>;
  /** All at once, in the way in which the peer does that best. */
  putAtOnce(rows: readonly BenchRow[]): void | Promise<void>;
  /** All in one transaction. */
  putTogether(rows: readonly BenchRow[]): void | Promise<void>;
  /** Two rows and a counter, in one transaction over both tables. */
  transact(first: BenchRow, second: BenchRow, counter: BenchCounter): void | Promise<void>;
  /** Visits every row. @returns the sum of their priorities */
  scan(): number;
  close(): void | Promise<void>;
}
