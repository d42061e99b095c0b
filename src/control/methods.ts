/** Every method of the control API with the schemas of its params and result. The commands of erlmcpctl have the same names. */
import type { z } from 'zod';
import {
  ConsoleCompleteParams,
  ConsoleCompleteResult,
  ConsoleOpenParams,
  ConsoleOpenResult,
  EvalParams,
  EvalResult,
} from './console.ts';
import { ContactsResult } from './contacts.ts';
import { HealthResult } from './health.ts';
import { ReleasesResult, SessionsParams, SessionsResult } from './inventory.ts';
import { MemoryResult, ResourcesResult, TransportStatsResult } from './machine.ts';
import { MetricsResult } from './metrics.ts';
import { RegistryResult, StopResult, TransportsResult, UptimeResult, VersionResult } from './node.ts';
import {
  ApplicationsResult,
  GenServersResult,
  ProcessesResult,
  QueuesParams,
  QueuesResult,
  RestartParams,
  RestartResult,
  ResumeSupervisorsResult,
  SupervisorsResult,
} from './processes.ts';
import { StatusResult } from './status.ts';
import { EtsTablesParams, EtsTablesResult, MnesiaStatusParams, MnesiaStatusResult } from './tables.ts';
import { BackupParams, BackupsResult, RestoreParams, Task, TaskParams, VerifyTablesParams } from './tasks.ts';
import {
  AcceptResult,
  CancelResult,
  DowngradeParams,
  DrainParams,
  DrainResult,
  OperationResult,
  OperationStart,
  UpgradeEvent,
  UpgradeFollowParams,
  UpgradeParams,
  UpgradeStatus,
  UpgradesResult,
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
  drain: { params: DrainParams, result: DrainResult },
  cancel: { params: NoParams, result: CancelResult },
  upgrades: { params: NoParams, result: UpgradesResult },
  get_upgrade_status: { params: NoParams, result: UpgradeStatus },
  get_system_health: { params: NoParams, result: HealthResult },
  transports: { params: NoParams, result: TransportsResult },
  restart: { params: RestartParams, result: RestartResult },
  registry: { params: NoParams, result: RegistryResult },
  contacts: { params: NoParams, result: ContactsResult },
  processes: { params: NoParams, result: ProcessesResult },
  supervisors: { params: NoParams, result: SupervisorsResult },
  gen_servers: { params: NoParams, result: GenServersResult },
  queues: { params: QueuesParams, result: QueuesResult },
  applications: { params: NoParams, result: ApplicationsResult },
  resume_supervisors: { params: NoParams, result: ResumeSupervisorsResult },
  ets_tables: { params: EtsTablesParams, result: EtsTablesResult },
  mnesia_status: { params: MnesiaStatusParams, result: MnesiaStatusResult },
  verify_tables: { params: VerifyTablesParams, result: Task },
  settle: { params: NoParams, result: Task },
  backup: { params: BackupParams, result: Task },
  backups: { params: NoParams, result: BackupsResult },
  restore: { params: RestoreParams, result: Task },
  task: { params: TaskParams, result: Task },
  resources: { params: NoParams, result: ResourcesResult },
  memory: { params: NoParams, result: MemoryResult },
  transport_stats: { params: NoParams, result: TransportStatsResult },
  sessions: { params: SessionsParams, result: SessionsResult },
  releases: { params: NoParams, result: ReleasesResult },
  eval: { params: EvalParams, result: EvalResult },
  console_open: { params: ConsoleOpenParams, result: ConsoleOpenResult },
  console_complete: { params: ConsoleCompleteParams, result: ConsoleCompleteResult },
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
