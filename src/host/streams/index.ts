export { EVENT_LIMITS, type EventDatabase, type EventLimits, EventLog } from './event-log.ts';
