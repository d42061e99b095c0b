/** Measurements per tool: the baseline frozen at the last pre-flight against now. */
import { z } from 'zod';
import { Count, Millis, Time, Version } from './values.ts';
import { VerdictRow } from './watch.ts';

/** `rate` in calls per second. The percentiles are null without a call. */
export const ToolFigures = z.strictObject({
  calls: Count,
  errors: Count,
  p50_ms: Millis.nullable(),
  p99_ms: Millis.nullable(),
  rate: z.number().nonnegative(),
});

/** In per cent of the baseline; null where the baseline is 0 or missing. Of `errors`, the share of calls that failed. */
export const Change = z.strictObject({
  p50_pct: z.number().nullable(),
  p99_pct: z.number().nullable(),
  rate_pct: z.number().nullable(),
  errors_pct: z.number().nullable(),
});

export const ToolMetrics = z.strictObject({
  tool: z.string(),
  baseline: ToolFigures.nullable(),
  now: ToolFigures,
  change: Change.nullable(),
  verdict: VerdictRow,
});

export const MetricsResult = z.strictObject({
  /** Null before the first pre-flight. */
  baseline: z
    .strictObject({ version: Version, frozen_at: Time, window_s: z.number().nonnegative() })
    .nullable(),
  now: z.strictObject({ version: Version, since: Time, window_s: z.number().nonnegative() }),
  tools: z.array(ToolMetrics),
  /** All calls together. */
  total: ToolMetrics.omit({ tool: true }),
  verdict: z.strictObject({ row: VerdictRow, /** With its numbers. */ reason: z.string() }),
});
