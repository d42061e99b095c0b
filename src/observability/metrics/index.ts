export type { Comparison, Limits, ResourceComparison, ToolComparison } from './comparison.ts';
export type { Judgement } from './judge.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
export type { ChangeReport, FiguresReport, MetricsReport, ToolReport } from './report.ts';
export {
  createResourceSampler,
  type ProcessShare,
  type ResourceSample,
  type ResourceSampler,
} from './resources.ts';
export type { Row } from './rows.ts';
export type { Series, Snapshot } from './windows.ts';
