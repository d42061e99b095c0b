/** A session that is in use: its record, its streams, and the channels that runners hold for it. */

import type { Replay } from '../wire/index.ts';
import type { Session, SessionSink, TransportName } from './gateway.ts';
import type { RunnerProcess } from './runner-process.ts';
import type { SessionRecord } from './store.ts';

export class LiveSession implements Session {
  readonly record: SessionRecord;
  sink: SessionSink | undefined;
  /** All streams that are open, the newest last. */
  readonly sinks: SessionSink[] = [];
  /** Requests in flight, by the client's id. */
  readonly inFlight = new Map<string | number, number>();
  /** This session's channel in each runner that has one. */
  readonly channels = new Map<RunnerProcess, number>();
  usedAt = Date.now();
  /** Whether `initialize` was answered: the record is in the store. */
  durable = false;
  ended = false;

  constructor(record: SessionRecord) {
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }
  get transport(): TransportName {
    return this.record.transport;
  }
  get protocolVersion(): string {
    return this.record.protocolVersion;
  }

  /** A session with an open stream or a call in flight is never idle. */
  get busy(): boolean {
    return this.sinks.length > 0 || this.inFlight.size > 0;
  }

  replay(): Replay {
    const { record } = this;
    const requests = Object.values(record.subscriptions);
    if (record.level !== undefined) requests.unshift(record.level);
    const replay: Replay = { sessionId: record.id, protocolVersion: record.protocolVersion, requests };
    if (this.durable) replay.initialize = record.initialize;
    if (record.initialized !== undefined) replay.initialized = record.initialized;
    return replay;
  }
}
