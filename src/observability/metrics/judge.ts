import { INVESTIGATE_FROM, ROLLBACK_FROM, type Row } from './rows.ts';
import { leastPValue, median, rankTest, type Share, shareTest } from './statistics.ts';

/**
 * One measurement against its baseline. A row applies only if a test says that the measurement lies beyond the row's own
 * beginning (1.1 or 1.5 times the baseline), not merely above the baseline, and if the change is large enough to be felt.
 */

export interface Judgement {
  baseline: number;
  now: number;
  /** In per cent of the baseline; null where that is 0. */
  changePercent: number | null;
  row: Row;
  /** Of the row that applies. Null without enough data, and where nothing rose enough to be tested. */
  pValue: number | null;
}

/** Two series of windows, where larger is worse. */
export interface SeriesPair {
  baseline: readonly number[];
  now: readonly number[];
}

export interface Bounds {
  /** A row needs a p-value below this. */
  alpha: number;
  /** Least change that is worth looking at, in the measurement's unit. */
  investigateAbove: number;
  /** Least change that is worth a rollback. */
  rollbackAbove: number;
}

/** Fewer windows than this tell nothing about their spread. */
export const MIN_WINDOWS = 6;
const MIN_CALLS = 20;

/** @param values what is shown: percentiles of the whole, not the median of windows. */
export function judgeSeries(
  values: { baseline: number; now: number },
  series: SeriesPair,
  bounds: Bounds,
): Judgement {
  const judged = { ...values, changePercent: changePercent(values.baseline, values.now) };
  const { length: before } = series.baseline;
  const { length: after } = series.now;
  const tooFew = Math.min(before, after) < MIN_WINDOWS || leastPValue(before, after) > bounds.alpha;
  if (tooFew) return { ...judged, row: 'not_enough_data', pValue: null };

  const test = (factor: number): number =>
    rankTest(
      series.baseline.map((value) => value * factor),
      series.now,
    );
  return { ...judged, ...firstRow(test, median(series.baseline), median(series.now), bounds) };
}

/** Two shares of calls that failed. Needs no windows, so that a version that only fails is found out at once. */
export function judgeShare(baseline: Share, now: Share, bounds: Bounds): Judgement {
  const values = { baseline: ratio(baseline), now: ratio(now) };
  const judged = { ...values, changePercent: changePercent(values.baseline, values.now) };
  if (Math.min(baseline.of, now.of) < MIN_CALLS) return { ...judged, row: 'not_enough_data', pValue: null };
  const test = (factor: number): number => shareTest(baseline, now, factor);
  return { ...judged, ...firstRow(test, values.baseline, values.now, bounds) };
}

/** What does not lie beyond the beginning of a row needs no test, which is the rule: tests cost some 40 µs each. */
function firstRow(
  test: (factor: number) => number,
  baseline: number,
  now: number,
  { alpha, investigateAbove, rollbackAbove }: Bounds,
): Pick<Judgement, 'row' | 'pValue'> {
  const backed = (factor: number, least: number): number | undefined => {
    if (now <= baseline * factor || now - baseline < least) return undefined;
    const pValue = test(factor);
    return pValue < alpha ? pValue : undefined;
  };
  const rollback = backed(ROLLBACK_FROM, rollbackAbove);
  if (rollback !== undefined) return { row: 'immediate_rollback', pValue: rollback };
  const investigate = backed(INVESTIGATE_FROM, investigateAbove);
  if (investigate !== undefined) return { row: 'investigate', pValue: investigate };
  return { row: 'monitor', pValue: null };
}

export function changePercent(baseline: number, now: number): number | null {
  return baseline === 0 ? null : ((now - baseline) / baseline) * 100;
}

const ratio = ({ count, of }: Share): number => (of === 0 ? 0 : count / of);
