/**
 * The two tests that back a verdict. Both are one-sided and answer: how likely is a rise this large or larger if there is
 * none? They assume nothing about the shape of latencies.
 */

/** Up to this many values the distribution of the rank sum is counted, above it is normal enough. */
const EXACT_UP_TO = 20;
/** The same for the trials of a binomial distribution. */
const COUNTED_UP_TO = 10_000;

/**
 * Mann-Whitney: the p-value for "the values of `after` tend to be larger than those of `before`".
 * Exact for few values, ties included; beyond that the normal approximation with corrections for ties and continuity.
 */
export function rankTest(before: readonly number[], after: readonly number[]): number {
  if (before.length === 0 || after.length === 0) return 1;
  const ranks = midranks([...before, ...after]);
  const rankSum = sum(ranks.slice(before.length));
  return ranks.length <= EXACT_UP_TO
    ? exactTail(ranks, after.length, rankSum)
    : normalTail(ranks, before.length, after.length, rankSum);
}

/** The least p-value that so many values can give: with too few of them no difference is ever significant. */
export function leastPValue(before: number, after: number): number {
  let combinations = 1;
  for (let i = 1; i <= after; i++) combinations *= (before + i) / i;
  return 1 / combinations;
}

/**
 * Two shares: the p-value for "`after` fails more than `factor` times as often as `before`". Given all failures, those of `after` are
 * binomial; this is exact for rare failures and errs on the side of no difference for frequent ones.
 */
export function shareTest(before: Share, after: Share, factor = 1): number {
  if (before.of === 0 || after.of === 0) return 1;
  const weight = factor * after.of;
  return binomialTail(after.count, before.count + after.count, weight / (before.of + weight));
}

export interface Share {
  count: number;
  of: number;
}

/** P(X >= k) for X binomial with n trials of probability p. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (n > COUNTED_UP_TO) return 1 - normalCdf((k - 0.5 - n * p) / Math.sqrt(n * p * (1 - p)));
  let logTerm = n * Math.log(1 - p);
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return below < 0.5 ? 1 - below : upperTail(k, n, p, logTerm);
}

/** Summed from its own side: 1 minus the rest would lose small values to rounding. `logTerm` is log P(X = k). */
function upperTail(k: number, n: number, p: number, logTerm: number): number {
  let tail = 0;
  let term = logTerm;
  for (let i = k; i <= n; i++) {
    tail += Math.exp(term);
    term += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return Math.min(1, tail);
}

/** Ranks from 1; equal values share the mean of theirs. */
function midranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Counts the choices of `size` ranks whose sum is at least `rankSum`. Ranks are doubled, so that shared ones are whole. */
function exactTail(ranks: readonly number[], size: number, rankSum: number): number {
  const total = 2 * sum(ranks);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    for (let chosen = size; chosen >= 1; chosen--) {
      for (let at = total; at >= 2 * rank; at--) ways[chosen]![at]! += ways[chosen - 1]![at - 2 * rank]!;
    }
  }
  const all = ways[size]!;
  return sum([...all.subarray(2 * rankSum)]) / sum([...all]);
}

function normalTail(ranks: readonly number[], before: number, after: number, rankSum: number): number {
  const n = before + after;
  const mean = (after * (n + 1)) / 2;
  const variance = ((before * after) / 12) * (n + 1 - tieTerm(ranks) / (n * (n - 1)));
  if (variance <= 0) return 1;
  return 1 - normalCdf((rankSum - mean - 0.5) / Math.sqrt(variance));
}

function tieTerm(ranks: readonly number[]): number {
  const groups = new Map<number, number>();
  for (const rank of ranks) groups.set(rank, (groups.get(rank) ?? 0) + 1);
  return sum([...groups.values()].map((size) => size ** 3 - size));
}

/** Abramowitz and Stegun 7.1.26; off by less than 1e-7. */
function normalCdf(z: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (poly * Math.exp((-z * z) / 2)) / 2;
  return z >= 0 ? 1 - tail : tail;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
