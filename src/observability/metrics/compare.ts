import type { Comparison, Limits, ResourceComparison, ToolComparison } from './comparison.ts';
import { type Bounds, type Judgement, judgeSeries, judgeShare } from './judge.ts';
import { decide } from './reason.ts';
import type { ResourceSample } from './resources.ts';
import { cap, worst } from './rows.ts';
import type { Series, Snapshot } from './windows.ts';

/**
 * A snapshot of now against the frozen baseline: each tool, all calls together, and what the processes use. The verdict
 * is the worst row that a test backs.
 */

/** Of a whole comparison: it is divided by the number of measurements that are compared. */
const ALPHA = 0.01;
/** Windows with fewer calls have no percentile worth the name. */
const MIN_CALLS_P50 = 5;
const MIN_CALLS_P99 = 100;
/** Share of calls that may go to other tools than before, until latencies of all calls together mean something else. */
const SAME_MIX = 0.1;
/** Time per call in a window without one: longer than any other. */
const STANDSTILL_S = 1e9;

/** Changes below these are real and not felt: 0.1 and 1 ms, 2 and 10 of 1,000 calls. */
const LATENCY_US = { investigateAbove: 100, rollbackAbove: 1_000 };
const ERRORS = { investigateAbove: 0.002, rollbackAbove: 0.01 };
const ANY = { investigateAbove: 0, rollbackAbove: 0 };
const LAG_MS = { investigateAbove: 10, rollbackAbove: 50 };

export function compare(baseline: Snapshot, now: Snapshot, limits: Limits): Comparison {
  const names = Object.keys(now.tools).filter((tool) => baseline.tools[tool] !== undefined);
  const alpha = ALPHA / (3 * names.length + 6);
  const tools = Object.fromEntries(
    names.map((tool) => [tool, compareSeries(baseline.tools[tool]!, now.tools[tool]!, alpha)]),
  );
  const whole = compareSeries(baseline.total, now.total, alpha);
  const total = sameMix(baseline, now) ? whole : withoutLatency(whole);
  const resources = compareResources(baseline.resources, now.resources, limits, alpha);
  return { ...decide({ total, tools, resources }, baseline, now), total, tools, resources };
}

function compareSeries(baseline: Series, now: Series, alpha: number): ToolComparison {
  const p50Us = comparePercentile('p50Us', MIN_CALLS_P50, baseline, now, alpha);
  const p99Us = comparePercentile('p99Us', MIN_CALLS_P99, baseline, now, alpha);
  const errorRate = judgeShare(
    { count: baseline.errors, of: baseline.calls },
    { count: now.errors, of: now.calls },
    { alpha, ...ERRORS },
  );
  const throughput = compareThroughput(baseline, now, alpha);
  const bad = worst([p50Us.row, p99Us.row, errorRate.row, throughput.row]);
  // Without latencies nothing says that all is well.
  const row = bad === 'monitor' ? p50Us.row : bad;
  return { p50Us, p99Us, errorRate, throughput, row };
}

function comparePercentile(
  which: 'p50Us' | 'p99Us',
  minCalls: number,
  baseline: Series,
  now: Series,
  alpha: number,
): Judgement {
  const series = ({ windows }: Series): number[] =>
    windows.flatMap((window) => (window.calls >= minCalls ? (window[which] ?? []) : []));
  return judgeSeries(
    { baseline: baseline[which] ?? 0, now: now[which] ?? 0 },
    { baseline: series(baseline), now: series(now) },
    { alpha, ...LATENCY_US },
  );
}

/**
 * Fewer calls can be the clients' own doing: a node that got slower shows it in latencies and errors. So this asks to
 * look, and is no reason to roll back by itself. A fall to 1/1.1 of the baseline counts as a rise of the time per call.
 */
function compareThroughput(baseline: Series, now: Series, alpha: number): Judgement {
  const timePerCall = ({ windows }: Series): number[] =>
    windows.map(({ rate }) => (rate > 0 ? 1 / rate : STANDSTILL_S));
  const judged = judgeSeries(
    { baseline: baseline.rate, now: now.rate },
    { baseline: baseline.calls > 0 ? timePerCall(baseline) : [], now: timePerCall(now) },
    { alpha, ...ANY },
  );
  return { ...judged, row: cap(judged.row, 'investigate') };
}

/** A change of the mix of tools changes the latency of all calls together while each tool is as fast as before. */
function sameMix(baseline: Snapshot, now: Snapshot): boolean {
  const names = new Set([...Object.keys(baseline.tools), ...Object.keys(now.tools)]);
  const share = (snapshot: Snapshot, tool: string): number =>
    snapshot.total.calls === 0 ? 0 : (snapshot.tools[tool]?.calls ?? 0) / snapshot.total.calls;
  const moved =
    [...names].reduce((sum, tool) => sum + Math.abs(share(baseline, tool) - share(now, tool)), 0) / 2;
  return moved <= SAME_MIX;
}

function withoutLatency(whole: ToolComparison): ToolComparison {
  const unjudged = (judged: Judgement): Judgement => ({ ...judged, row: 'not_enough_data', pValue: null });
  const row = worst([whole.errorRate.row, whole.throughput.row]);
  return {
    ...whole,
    p50Us: unjudged(whole.p50Us),
    p99Us: unjudged(whole.p99Us),
    row: row === 'monitor' ? 'not_enough_data' : row,
  };
}

function compareResources(
  baseline: readonly ResourceSample[],
  now: readonly ResourceSample[],
  limits: Limits,
  alpha: number,
): ResourceComparison {
  const judge = (
    of: (sample: ResourceSample) => number | null,
    bounds: Omit<Bounds, 'alpha'>,
    limit?: number,
  ) => {
    const series = {
      baseline: baseline.flatMap((each) => of(each) ?? []),
      now: now.flatMap((each) => of(each) ?? []),
    };
    const values = { baseline: mean(series.baseline), now: mean(series.now) };
    const judged = judgeSeries(values, series, { alpha, ...bounds });
    return limit === undefined ? judged : underLimit(judged, limit);
  };
  return {
    cpuPercent: judge((sample) => sample.cpuPercent, ANY, limits.cpuPercent),
    memoryBytes: judge((sample) => sample.memoryBytes, ANY, limits.memoryBytes),
    lagMs: judge((sample) => sample.lagMs, LAG_MS),
  };
}

/**
 * Using more is no harm in itself: the limit is what counts, and that our own growth led to it. Half of the limit is
 * where a growth is worth looking at.
 */
function underLimit(judged: Judgement, limit: number): Judgement {
  if (judged.row === 'not_enough_data' || judged.row === 'monitor') return judged;
  if (judged.now >= limit) return { ...judged, row: 'immediate_rollback' };
  return { ...judged, row: judged.now >= limit / 2 ? 'investigate' : 'monitor' };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
