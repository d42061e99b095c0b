export type { Call } from './call.ts';
export { Fleet, type FleetOptions } from './fleet.ts';
export type {
  Exchange,
  Gateway,
  InFlight,
  OneWayMessage,
  RequestMessage,
  Session,
  SessionSink,
  TransportName,
} from './gateway.ts';
export type { LiveSession } from './live-session.ts';
export type { Log } from './log.ts';
export type { Plan, PlanParts } from './plans.ts';
export { Router, type RouterLimits } from './router.ts';
export type { RunnerState } from './runner-options.ts';
export { RunnerProcess } from './runner-process.ts';
export { SessionRows } from './session-rows.ts';
export { SessionStore, type UseKey } from './session-store.ts';
export { type SessionLimits, Sessions } from './sessions.ts';
export {
  type ActiveRelease,
  HostStore,
  type HostStoreFigures,
  type JournalEntry,
  type SessionRecord,
} from './store.ts';
export { endSurvivors, startTime } from './survivors.ts';
