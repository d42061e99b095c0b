/** The rows of the bench, about 100 bytes each as msgpack, and the order in which they are asked for: the same for all who are measured. */
export interface BenchRow {
  id: string;
  author: string;
  text: string;
  created: number;
  priority: number;
}

export interface BenchCounter {
  id: string;
  count: number;
}

export const ROWS = 100_000;
/** No divisor of `ROWS`, so that stepping by it visits every row once, and never its neighbour next. */
const STRIDE = 38_197;
const CREATED_MS = 1_790_000_000_000;

export const keyAt = (at: number): string => `n${String(at).padStart(8, '0')}`;

export const rowAt = (at: number): BenchRow => ({
  id: keyAt(at),
  author: `author${at % 100}`,
  text: `a note of some words, number ${at}`,
  created: CREATED_MS + at,
  priority: at % 10,
});

export const ALL_ROWS: readonly BenchRow[] = Array.from({ length: ROWS }, (_, at) => rowAt(at));

/** Each row once, in no order that a page of the store could follow. */
export const SHUFFLED: readonly BenchRow[] = ALL_ROWS.map((_, at) => ALL_ROWS[(at * STRIDE) % ROWS]!);
