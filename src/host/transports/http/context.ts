import type { Gateway } from '../../gateway.ts';
import type { EventLog } from '../../streams/event-log.ts';
import type { SseConnections } from '../../streams/sse-connections.ts';
import type { StreamRegistry } from '../../streams/stream-registry.ts';
import type { TransportCounters } from '../counters.ts';
import type { HostGuard } from './host-guard.ts';
import type { HttpLimits, HttpLog } from './options.ts';

/** What every request is handled with. Outlives a restart of the listener. */
export interface HttpContext {
  readonly gateway: Gateway;
  readonly guard: HostGuard;
  readonly limits: HttpLimits;
  readonly log: HttpLog;
  readonly counters: TransportCounters;
  readonly eventLog: EventLog;
  readonly connections: SseConnections;
  readonly streams: StreamRegistry;
}
