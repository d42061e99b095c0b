/** Every method of the control API with the schemas of its params and result. The commands of erlmcpctl have the same names. */
import type { z } from 'zod';
import { HealthResult } from './health.ts';
import { MetricsResult } from './metrics.ts';
import {
  ClientsResult,
  RegistryResult,
  RestartParams,
  RestartResult,
  StopResult,
  TransportsResult,
  UptimeResult,
  VersionResult,
} from './node.ts';
import { StatusResult } from './status.ts';
import {
  AcceptResult,
  DowngradeParams,
  OperationResult,
  OperationStart,
  UpgradeEvent,
  UpgradeFollowParams,
  UpgradeParams,
  UpgradeStatus,
} from './upgrade.ts';
import { NoParams } from './values.ts';

export const METHODS = {
  status: { params: NoParams, result: StatusResult },
  health: { params: NoParams, result: HealthResult },
  version: { params: NoParams, result: VersionResult },
  uptime: { params: NoParams, result: UptimeResult },
  metrics: { params: NoParams, result: MetricsResult },
  upgrade: { params: UpgradeParams, result: OperationStart },
  downgrade: { params: DowngradeParams, result: OperationStart },
  upgrade_follow: { params: UpgradeFollowParams, result: OperationResult },
  accept: { params: NoParams, result: AcceptResult },
  get_upgrade_status: { params: NoParams, result: UpgradeStatus },
  get_system_health: { params: NoParams, result: HealthResult },
  transports: { params: NoParams, result: TransportsResult },
  restart: { params: RestartParams, result: RestartResult },
  registry: { params: NoParams, result: RegistryResult },
  clients: { params: NoParams, result: ClientsResult },
  stop: { params: NoParams, result: StopResult },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>;

/** What the server tells without being asked. */
export const NOTIFICATIONS = {
  upgrade_event: UpgradeEvent,
} as const satisfies Record<string, z.ZodType>;

export type Methods = typeof METHODS;
export type MethodName = keyof Methods;
export type ParamsOf<M extends MethodName> = z.infer<Methods[M]['params']>;
export type ResultOf<M extends MethodName> = z.infer<Methods[M]['result']>;

export type NotificationName = keyof typeof NOTIFICATIONS;
export type NotificationOf<N extends NotificationName> = z.infer<(typeof NOTIFICATIONS)[N]>;
