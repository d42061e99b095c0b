/** What the bench and the process of its load say to each other. Times are milliseconds since 1970, with fractions. */
export interface LoadOptions {
  port: number;
  sessions: number;
  /** Requests per second, due at even distances whatever the answers take. */
  rate: number;
}

/** One request: when it was due, how long after that its answer was in, and whether it was answered well. */
export type Sample = readonly [due: number, ms: number, ok: boolean];

export interface Collected {
  /** Of the requests that have ended since the last time. */
  samples: Sample[];
  /** When this process itself was late, and by how much: that much of a latency can be its own. */
  pauses: (readonly [at: number, ms: number])[];
  /** What failed requests failed with, and how many. */
  errors: Record<string, number>;
  /** Sessions that the server has lost since the last time, and event streams that broke. */
  sessionsLost: number;
  streamsDropped: number;
}

export type ToLoad = 'collect' | 'end';
export type FromLoad =
  | { type: 'ready' }
  | { type: 'collected'; collected: Collected }
  | { type: 'failed'; message: string };
