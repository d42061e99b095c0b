export { FrameWriter } from './frame-writer.ts';
export { FrameError, FrameFlag, FrameKind, FrameReader, HEADER_BYTES, MAX_FRAME_BYTES } from './frames.ts';
export type { InspectAnswer, InspectQuery, KeyStep } from './inspect.ts';
export { CallError, Link, type LinkHandler } from './link.ts';
export {
  type Answer,
  type CallFailure,
  type ChangedRows,
  type CopiedTable,
  type HeapView,
  type HostMessage,
  type LensFailure,
  type LensLoss,
  type LensReport,
  type ProcessEnvelope,
  type Replay,
  type RowsReport,
  type RunnerCallName,
  type RunnerCalls,
  type RunnerMessage,
  type RunnerRole,
  type ServerInfo,
  type SettleReport,
  type Surface,
  type TableDeclaration,
  type TableProgress,
  type TableTarget,
  type TableView,
  type ToolSurface,
  WIRE_VERSION,
} from './messages.ts';
export type {
  ApplicationView,
  HandedApplication,
  ProcessView,
  ResumedProcesses,
  ServerView,
  SupervisorView,
} from './process-views.ts';
export type { CopiedState, CopiedStates, RehearsedServer } from './rehearsal.ts';
export type { ExampleReport, WarmUpReport } from './warm-up.ts';
