import type { Judgement } from './judge.ts';
import type { Row } from './rows.ts';

/** What a comparison of now with the baseline consists of. */

export interface ToolComparison {
  p50Us: Judgement;
  p99Us: Judgement;
  /** Share of calls that failed, 0 to 1. */
  errorRate: Judgement;
  /** Calls per second; a fall is the degradation. */
  throughput: Judgement;
  row: Row;
}

export interface ResourceComparison {
  cpuPercent: Judgement;
  memoryBytes: Judgement;
  lagMs: Judgement;
}

export interface Comparison {
  row: Row;
  /** One sentence with the numbers that the row rests on. */
  reason: string;
  total: ToolComparison;
  /** Tools with calls on both sides. */
  tools: Record<string, ToolComparison>;
  resources: ResourceComparison;
}

export interface Limits {
  /** Of all processors; the runbook: 80. */
  cpuPercent: number;
  /** Bytes of anonymous memory; the runbook: 90 % of what there is. */
  memoryBytes: number;
}
