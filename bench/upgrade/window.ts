/** What the load has seen around an event: stalls, failures, and latency per tenth of a second. */
import type { Collected, Sample } from './messages.ts';

export const BUCKET_MS = 100;
export const BEFORE_MS = 2_000;
export const AFTER_MS = 3_000;

export interface Window {
  /** Of the event, ms since 1970. */
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly sessionsLost: number;
  readonly streamsDropped: number;
  /** The slowest answer of those due from the start of the operation to `AFTER_MS` after the event. */
  readonly slowestMs: number;
  /** The longest time in which nothing was answered well, of the same span, and its end, from the beginning of the operation. */
  readonly silenceMs: number;
  readonly silenceEndMs: number;
  /** 99.9th percentile of the requests due before the operation. */
  readonly quietMs: number;
  /** The longest pause of the load's own process, of the same span. */
  readonly ownPauseMs: number;
  /** How long after each of these moments from the event the answers took: `buckets[0]` starts at `-BEFORE_MS`. */
  readonly buckets: readonly (readonly number[])[];
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

/** @param from when the operation began, @param at when the event was, @param to when it was over; all ms since 1970 */
export function windowOf(
  collected: Collected,
  { from, at, to }: { from: number; at: number; to: number },
): Window {
  const { samples, pauses, errors, sessionsLost, streamsDropped } = collected;
  const until = Math.max(to, at + AFTER_MS);
  const good = samples.filter(([, , ok]) => ok);
  const during = good.filter(([due, ms]) => due + ms >= from && due <= until);
  return {
    at,
    requests: samples.length,
    failed: samples.length - good.length,
    errors,
    sessionsLost,
    streamsDropped,
    slowestMs: most(during.map(([, ms]) => ms)),
    ...silence(during, from),
    quietMs: percentile(
      good.filter(([due, ms]) => due + ms < from).map(([, ms]) => ms),
      0.999,
    ),
    ownPauseMs: most(pauses.filter(([when]) => when >= from && when <= until).map(([, ms]) => ms)),
    buckets: bucketsOf(good, at),
  };
}

function silence(samples: readonly Sample[], from: number): Pick<Window, 'silenceMs' | 'silenceEndMs'> {
  const answered = samples.map(([due, ms]) => due + ms).sort((a, b) => a - b);
  const gaps = answered.map((when, index) => when - (answered[index - 1] ?? from));
  const silenceMs = most(gaps);
  return { silenceMs, silenceEndMs: (answered[gaps.indexOf(silenceMs)] ?? from) - from };
}

function bucketsOf(samples: readonly Sample[], at: number): number[][] {
  const buckets = Array.from({ length: (BEFORE_MS + AFTER_MS) / BUCKET_MS }, (): number[] => []);
  for (const [due, ms] of samples) buckets[Math.floor((due - at + BEFORE_MS) / BUCKET_MS)]?.push(ms);
  return buckets;
}
