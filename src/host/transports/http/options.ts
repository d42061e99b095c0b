import type { Gateway } from '../../gateway.ts';
import type { EventLog } from '../../streams/event-log.ts';
import type { TransportCounters } from '../counters.ts';

export interface HttpLimits {
  /** Of a POST's body, in bytes. */
  bodyBytes: number;
  /** Messages in one JSON array. */
  batchMessages: number;
  /** What a reader of a stream may leave unread before it is cut off, in bytes. */
  streamBufferBytes: number;
  /** Open GET streams of one session; a further one closes the oldest. */
  streamsPerSession: number;
  /** How long a session's messages are kept for a GET stream that broke off, and the session counts as in use. */
  resumeGraceMs: number;
  /** What streams tell clients to wait before they reconnect. */
  retryMs: number;
  /** For a request's head, and for all of it. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How long an idle connection is kept. */
  idleTimeoutMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 4 * 1024 * 1024,
  batchMessages: 100,
  streamBufferBytes: 1024 * 1024,
  streamsPerSession: 4,
  resumeGraceMs: 60_000,
  // The official clients try twice and then give a stream up, so this has to be more than half of what a node takes to start.
  retryMs: 1_500,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 65_000,
};

export interface HttpLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface HttpOptions {
  gateway: Gateway;
  host: string;
  /** 0: any free one. */
  port: number;
  /** Host names besides localhost and `host` that requests may name. */
  allowedHosts?: readonly string[];
  /** Host names or origins besides localhost that pages may call from. */
  allowedOrigins?: readonly string[];
  limits?: Partial<HttpLimits>;
  eventLog: EventLog;
  /** Of the transport that was here before, to be counted on. */
  counters?: TransportCounters | undefined;
  /** Between comments on an open stream that keep proxies from closing it; 0: none. */
  keepAliveMs: number;
  log: HttpLog;
}
