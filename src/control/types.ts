/** The values of the control API as types. Importing this loads no zod. */
import type { z } from 'zod';
import type * as health from './health.ts';
import type * as metrics from './metrics.ts';
import type * as node from './node.ts';
import type * as status from './status.ts';
import type * as upgrade from './upgrade.ts';
import type * as watch from './watch.ts';

export type HealthCheck = z.infer<typeof health.HealthCheck>;
export type HealthResult = z.infer<typeof health.HealthResult>;
export type MetricsResult = z.infer<typeof metrics.MetricsResult>;
export type ToolMetrics = z.infer<typeof metrics.ToolMetrics>;
export type Client = z.infer<typeof node.Client>;
export type RegistryRow = z.infer<typeof node.RegistryRow>;
export type Transport = z.infer<typeof node.Transport>;
export type LingeringCall = z.infer<typeof status.LingeringCall>;
export type Runner = z.infer<typeof status.Runner>;
export type StatusResult = z.infer<typeof status.StatusResult>;
export type Finding = z.infer<typeof upgrade.Finding>;
export type OperationKind = z.infer<typeof upgrade.OperationKind>;
export type OperationResult = z.infer<typeof upgrade.OperationResult>;
export type OperationStart = z.infer<typeof upgrade.OperationStart>;
export type UpgradeEvent = z.infer<typeof upgrade.UpgradeEvent>;
export type UpgradeStatus = z.infer<typeof upgrade.UpgradeStatus>;
export type VerdictRow = z.infer<typeof watch.VerdictRow>;
export type Watch = z.infer<typeof watch.Watch>;
