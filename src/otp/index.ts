/** OTP for erlmcp: servers with explicit state, supervisors, and a process table that can be suspended and handed over. */

export { type ChildSpec, type Restart, type SupervisorSpec, supervisor } from './child-spec.ts';
export {
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
  whereis,
} from './client.ts';
export type { Envelope, From, Origin, Outcome } from './envelope.ts';
export { ExitError, isNormalExit } from './exit-error.ts';
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
export type { ProcessChange, ProcessInfo, ProcessKind } from './process-info.ts';
export { ProcessTable, processes } from './process-table.ts';
export { type NoReply, noreply, type Reply, reply, type Stop, stop } from './results.ts';
export {
  type ChildCounts,
  type ChildInfo,
  Supervisor,
  type SupervisorOptions,
  type SupervisorStartOptions,
} from './supervisor.ts';
export type { Stage, SuspendOptions } from './suspension.ts';
export {
  DEFAULT_CALL_TIMEOUT_MS,
  type ProcessTableOptions,
  type StartOptions,
} from './table-options.ts';
