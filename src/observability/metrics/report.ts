import { compare } from './compare.ts';
import type { Comparison, Limits, ToolComparison } from './comparison.ts';
import type { Row } from './rows.ts';
import type { Figures } from './tally.ts';
import type { Snapshot } from './windows.ts';

/** What `erlmcpctl metrics` shows; the keys are those of the control API. */

export interface MetricsReport {
  baseline: { version: string; frozen_at: string; window_s: number } | null;
  now: { version: string; since: string; window_s: number };
  tools: ToolReport[];
  total: SeriesReport;
  verdict: { row: ReportRow; reason: string };
}

export type ReportRow = Row | 'no_baseline';

export interface ToolReport extends SeriesReport {
  tool: string;
}

export interface SeriesReport {
  baseline: FiguresReport | null;
  now: FiguresReport;
  change: ChangeReport | null;
  verdict: ReportRow;
}

export interface FiguresReport {
  calls: number;
  errors: number;
  p50_ms: number | null;
  p99_ms: number | null;
  rate: number;
}

export interface ChangeReport {
  p50_pct: number | null;
  p99_pct: number | null;
  rate_pct: number | null;
  errors_pct: number | null;
}

export function report(baseline: Snapshot | undefined, now: Snapshot, limits: Limits): MetricsReport {
  const comparison = baseline && compare(baseline, now, limits);
  const names = new Set([...Object.keys(baseline?.tools ?? {}), ...Object.keys(now.tools)]);
  return {
    baseline: baseline
      ? { version: baseline.version, frozen_at: isoTime(baseline.to), window_s: secondsOf(baseline) }
      : null,
    now: { version: now.version, since: isoTime(now.from), window_s: secondsOf(now) },
    tools: [...names].sort().map((tool) => ({
      tool,
      ...seriesReport(baseline?.tools[tool], now.tools[tool], comparison, comparison?.tools[tool]),
    })),
    total: seriesReport(baseline?.total, now.total, comparison, comparison?.total),
    verdict: comparison
      ? { row: comparison.row, reason: comparison.reason }
      : { row: 'no_baseline', reason: 'The baseline is frozen before an upgrade.' },
  };
}

const NO_CALLS: Figures = { calls: 0, errors: 0, p50Us: null, p99Us: null, rate: 0 };

function seriesReport(
  before: Figures | undefined,
  after: Figures | undefined,
  comparison: Comparison | undefined,
  compared: ToolComparison | undefined,
): SeriesReport {
  return {
    baseline: before ? figuresReport(before) : null,
    now: figuresReport(after ?? NO_CALLS),
    change: compared ? changeReport(compared) : null,
    verdict: comparison ? (compared?.row ?? 'not_enough_data') : 'no_baseline',
  };
}

const toMs = (us: number | null): number | null => (us === null ? null : us / 1000);

function figuresReport({ calls, errors, p50Us, p99Us, rate }: Figures): FiguresReport {
  return { calls, errors, p50_ms: toMs(p50Us), p99_ms: toMs(p99Us), rate };
}

function changeReport({ p50Us, p99Us, throughput, errorRate }: ToolComparison): ChangeReport {
  return {
    p50_pct: p50Us.changePercent,
    p99_pct: p99Us.changePercent,
    rate_pct: throughput.changePercent,
    errors_pct: errorRate.changePercent,
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
const secondsOf = ({ from, to }: Snapshot): number => Math.max(0, (to - from) / 1000);
