/**
 * The sessions of a node. Those in use are in memory; all are in the store. One that is neither used nor has a stream
 * leaves memory, and its instance leaves the runner; its next request brings both back.
 */
import { randomUUID } from 'node:crypto';
import type { SessionSink, TransportName } from './gateway.ts';
import { LiveSession } from './live-session.ts';
import type { Log } from './log.ts';
import { SessionChannels } from './session-channels.ts';
import type { SessionStore } from './session-store.ts';

export interface SessionLimits {
  /** Sessions kept; over it the longest idle ones end. */
  sessions: number;
  /** A session that was not used for so long ends. Milliseconds. */
  idleMs: number;
  /** After so long without use a session leaves memory. Milliseconds. */
  restMs: number;
}

const SWEEP_BATCH = 1_000;

export class Sessions {
  readonly #store: SessionStore;
  readonly #limits: SessionLimits;
  readonly #log: Log;
  readonly #live = new Map<string, LiveSession>();
  readonly channels = new SessionChannels();
  #count: number;
  /** Told when a session is over, so that what hangs on it (its events, its requests) ends too. */
  onEnd: (session: LiveSession, reason: string) => void = () => {};
  /** Told of each ended session whose record is gone, so that its events go too. */
  onForget: (id: string) => void = () => {};

  constructor(store: SessionStore, limits: SessionLimits, log: Log) {
    this.#store = store;
    this.#limits = limits;
    this.#log = log;
    this.#count = store.count();
  }

  get count(): number {
    return this.#count;
  }

  live(): Iterable<LiveSession> {
    return this.#live.values();
  }

  isLive(id: string): boolean {
    return this.#live.has(id);
  }

  /** Whether the session is live or stored; does not count as a use of it. */
  has(id: string): boolean {
    return this.#live.has(id) || this.#store.has(id);
  }

  /** The records: what is live is newer than what they say. */
  get stored(): SessionStore {
    return this.#store;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  find(id: string): LiveSession | undefined {
    const live = this.#live.get(id);
    if (live) {
      live.usedAt = Date.now();
      return live;
    }
    const record = this.#store.get(id);
    if (!record) return undefined;
    const session = new LiveSession(record);
    session.durable = true;
    this.#live.set(id, session);
    return session;
  }

  open(transport: TransportName): LiveSession {
    const now = Date.now();
    const session = new LiveSession({
      id: randomUUID(),
      transport,
      protocolVersion: '',
      initialize: undefined,
      subscriptions: {},
      createdAt: now,
      usedAt: now,
    });
    this.#live.set(session.id, session);
    return session;
  }

  /** Writes the record; the first time makes the session one that outlives the host. */
  async save(session: LiveSession): Promise<void> {
    if (session.ended) return;
    if (!session.durable) this.#count++;
    session.durable = true;
    session.record.usedAt = session.usedAt;
    await this.#store.save(session.record);
  }

  async end(session: LiveSession, reason: string): Promise<void> {
    if (session.ended) return;
    session.ended = true;
    this.#live.delete(session.id);
    this.channels.close(session);
    this.onEnd(session, reason);
    for (const sink of session.sinks.splice(0)) sink.end();
    session.sink = undefined;
    if (!session.durable) return;
    this.#count--;
    this.#log.info('Session ended', { session: session.id, reason });
    await this.#store.remove(session.id);
    this.onForget(session.id);
  }

  attach(session: LiveSession, sink: SessionSink): void {
    session.sinks.push(sink);
    session.sink = sink;
    session.usedAt = Date.now();
  }

  detach(session: LiveSession, sink: SessionSink): void {
    const at = session.sinks.indexOf(sink);
    if (at >= 0) session.sinks.splice(at, 1);
    session.sink = session.sinks.at(-1);
    session.usedAt = Date.now();
  }

  /** Lets go of what is idle: sessions leave memory, then those idle for too long, or too many, end. */
  async sweep(now: number = Date.now()): Promise<void> {
    for (const session of this.#live.values()) {
      if (session.busy || now - session.usedAt < this.#limits.restMs) continue;
      if (!session.durable) {
        await this.end(session, 'initialize was not completed');
        continue;
      }
      await this.save(session);
      if (session.busy) continue;
      this.#live.delete(session.id);
      this.channels.close(session);
    }
    await this.#endOldest(now - this.#limits.idleMs, 'idle', Number.POSITIVE_INFINITY);
    const excess = this.#count - this.#limits.sessions;
    if (excess > 0) await this.#endOldest(now, 'more sessions than the limit', excess);
  }

  async #endOldest(before: number, reason: string, most: number): Promise<void> {
    let ended = 0;
    for (const id of this.#store.oldest(before, Math.min(most, SWEEP_BATCH))) {
      if (ended >= most) return;
      const live = this.#live.get(id);
      if (live && (live.busy || live.usedAt >= before)) continue;
      const session = live ?? this.find(id);
      if (!session) continue;
      await this.end(session, reason);
      ended++;
    }
  }

  /** Writes when each session was last used, before the host stops. */
  async saveAll(): Promise<void> {
    for (const session of this.#live.values()) if (session.durable) await this.save(session);
  }
}
