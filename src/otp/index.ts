/** OTP for erlmcp: servers with explicit state, supervisors, and a process table that can be suspended and handed over. */

export { type ApplicationType, defineOtpApplication, type OtpApplication } from './application.ts';
export { Applications, type ApplicationsOptions, type ApplicationsStartOptions } from './applications.ts';
export {
  type ChildSpec,
  type ChildTemplate,
  type DynamicSupervisorSpec,
  isDynamic,
  type Restart,
  type StaticSupervisorSpec,
  type Strategy,
  type SupervisorDefinition,
  type SupervisorSpec,
} from './child-spec.ts';
export {
  at,
  type CallOptions,
  call,
  cancelTimer,
  cast,
  demonitor,
  monitor,
  replyTo,
  self,
  send,
  sendAfter,
  sendInterval,
  type Target,
  whereis,
} from './client.ts';
export { supervisor } from './define-supervisor.ts';
export type { Envelope, From, Origin, Outcome } from './envelope.ts';
export { CodeChangeFailed, ExitError, isNormalExit } from './exit-error.ts';
export {
  type AnyReplyOf,
  type AnyServer,
  type CallResult,
  type CallTarget,
  type CastResult,
  type CastTarget,
  type GenServer,
  genServer,
  type Protocol,
  type ReplyOf,
  type RequestArgs,
  type RequestOf,
  type ServerCallbacks,
  type ServerDefinition,
} from './gen-server.ts';
export type { TakenBack } from './hand-over.ts';
export { exit, link, trapExit, unlink } from './link-client.ts';
export type { DownMessage } from './monitors.ts';
export type { Pid } from './pid.ts';
export type {
  MonitorSnapshot,
  PersistencePort,
  RemotePort,
  ServerSnapshot,
  TimerSnapshot,
} from './ports.ts';
export type { ProcessStatus } from './process-host.ts';
export type { InfoOptions, ProcessChange, ProcessInfo, ProcessKind } from './process-info.ts';
export { ProcessTable, processes } from './process-table.ts';
export type { TreeRow, TreeStatus } from './process-tree.ts';
export type {
  RegistrationSnapshot,
  RegistryEntry,
  RegistryKey,
  RegistryKeys,
} from './registrations.ts';
export { Registry, type RegistryOptions, type Via, via } from './registry.ts';
export { type NoReply, noreply, type Reply, reply, type Stop, stop } from './results.ts';
export type { ApplicationInfo, ApplicationState } from './running-application.ts';
export type { ExitMessage } from './signals.ts';
export type { StateCopies } from './state-copies.ts';
export { Supervisor, type SupervisorOptions, type SupervisorStartOptions } from './supervisor.ts';
export {
  countChildren,
  deleteChild,
  restartChild,
  type SupervisorRef,
  startChild,
  terminateChild,
  whichChildren,
} from './supervisor-client.ts';
export type { SupervisorRequest } from './supervisor-requests.ts';
export type { ChildCounts, ChildInfo } from './supervisor-view.ts';
export type { Stage, SuspendOptions } from './suspension.ts';
export { sys } from './sys.ts';
export type { ServerStatus } from './system-messages.ts';
export {
  DEFAULT_CALL_TIMEOUT_MS,
  type ProcessTableOptions,
  type StartOptions,
  type TableUsage,
} from './table-options.ts';
export type { TraceEvent, TraceListener } from './trace.ts';
