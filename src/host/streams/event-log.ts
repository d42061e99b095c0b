/**
 * The events of the streams of 2025 revisions, kept so that a client that lost its connection gets what it missed; across
 * runners, and across restarts of the node. Bounded per session: the oldest events go first, whichever stream they are of.
 *
 * Writes are not waited for. An event that is not committed yet is read from memory, so a reader always sees all of them;
 * a node that is killed loses at most what it had not committed in its last event-loop turn.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from 'lmdb';
import { type EventId, eventIdPrefix, parseEventId, type RequestId } from './event-id.ts';

/** An `answer` is the response to a request of the stream; `silence` says that a request gets none, and is not sent: `{"id":…}`. */
export type EventKind = 'message' | 'answer' | 'silence';

export interface LoggedEvent {
  event: number;
  stream: number;
  kind: EventKind;
  json: Buffer;
}

const KINDS: readonly EventKind[] = ['message', 'answer', 'silence'];
/** stream, index of the kind, JSON */
type EventRow = [number, number, Buffer];
/** Identity of this log: numbers of a boot begin after those of every earlier one. */
type BootRow = { secret: Buffer; boot: number };
export type EventKey = [session: string | 0, event: number];
export type EventDatabase = Database<EventRow | BootRow, EventKey>;

export interface EventLimits {
  /** Kept per session. */
  events: number;
  /** Of their JSON, per session. */
  bytes: number;
}

export const EVENT_LIMITS: EventLimits = { events: 1_000, bytes: 1024 * 1024 };

/** Numbers of one boot; 2^53 leaves room for two million boots. */
const NUMBERS_PER_BOOT = 2 ** 32;
const BOOT_KEY: EventKey = [0, 0];
/** Sessions whose sums are remembered although they have no open stream. */
const MAX_REMEMBERED_SESSIONS = 1_000;

/** What is known of a session's stored events without reading them. */
interface Kept {
  /** Oldest first. */
  sizes: { event: number; bytes: number }[];
  bytes: number;
  uncommitted: LoggedEvent[];
}

export class EventLog {
  private readonly db: EventDatabase;
  private readonly limits: EventLimits;
  private readonly onError: (error: unknown) => void;
  private readonly kept = new Map<string, Kept>();
  private readonly secret: Buffer;
  private number: number;
  private lastWrite: Promise<unknown> = Promise.resolve();

  /** @param db of its own, with the default encoding; the boot number is written to it at once */
  constructor(
    db: EventDatabase,
    limits: Partial<EventLimits> = {},
    onError: (error: unknown) => void = () => {},
  ) {
    this.db = db;
    this.limits = { ...EVENT_LIMITS, ...limits };
    this.onError = onError;
    const earlier = db.get(BOOT_KEY) as BootRow | undefined;
    const row = { secret: earlier?.secret ?? randomBytes(32), boot: (earlier?.boot ?? 0) + 1 };
    db.putSync(BOOT_KEY, row);
    this.secret = Buffer.from(row.secret);
    this.number = row.boot * NUMBERS_PER_BOOT;
  }

  /** A number for a stream or an event: later ones are greater. */
  nextNumber(): number {
    this.number += 1;
    return this.number;
  }

  idPrefix(session: string, stream: number, requests: readonly RequestId[] | undefined): string {
    return eventIdPrefix(this.secret, session, stream, requests);
  }

  parseId(session: string, id: string): EventId | undefined {
    return parseEventId(this.secret, session, id);
  }

  /** @returns the event's number */
  append(session: string, stream: number, kind: EventKind, json: Buffer): number {
    const event = this.nextNumber();
    const kept = this.keptOf(session);
    const logged = { event, stream, kind, json };
    kept.uncommitted.push(logged);
    kept.sizes.push({ event, bytes: json.length });
    kept.bytes += json.length;
    this.track(
      this.db.put([session, event], [stream, KINDS.indexOf(kind), json]).finally(() => {
        kept.uncommitted.splice(kept.uncommitted.indexOf(logged), 1);
      }),
    );
    this.evict(session, kept);
    return event;
  }

  /** The events of a stream that are still there, oldest first. */
  read(session: string, stream: number): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    let last = 0;
    this.db.resetReadTxn();
    for (const { key, value } of this.db.getRange({ start: [session, 0], end: [session, Infinity] })) {
      const [of, kind, json] = value as EventRow;
      last = key[1];
      if (of === stream) events.push({ event: last, stream, kind: KINDS[kind]!, json: Buffer.from(json) });
    }
    for (const logged of this.kept.get(session)?.uncommitted ?? []) {
      if (logged.stream === stream && logged.event > last) events.push(logged);
    }
    return events;
  }

  /** Deletes all of a session's events. To be called whenever a session ends, with or without open streams. */
  async forget(session: string): Promise<void> {
    const uncommitted = this.kept.get(session)?.uncommitted ?? [];
    const events = new Set(uncommitted.map(({ event }) => event));
    this.kept.delete(session);
    this.db.resetReadTxn();
    for (const key of this.db.getKeys({ start: [session, 0], end: [session, Infinity] })) events.add(key[1]);
    await Promise.all([...events].map((event) => this.db.remove([session, event])));
  }

  /** Resolves when everything appended so far is committed. */
  async flushed(): Promise<void> {
    await this.lastWrite;
  }

  private evict(session: string, kept: Kept): void {
    const { events, bytes } = this.limits;
    while (kept.sizes.length > 1 && (kept.sizes.length > events || kept.bytes > bytes)) {
      const oldest = kept.sizes.shift()!;
      kept.bytes -= oldest.bytes;
      this.track(this.db.remove([session, oldest.event]));
    }
  }

  private track(write: Promise<unknown>): void {
    this.lastWrite = write.catch(this.onError);
  }

  private keptOf(session: string): Kept {
    const known = this.kept.get(session);
    if (known) return known;
    this.forgetSums();
    const kept: Kept = { sizes: [], bytes: 0, uncommitted: [] };
    for (const { key, value } of this.db.getRange({ start: [session, 0], end: [session, Infinity] })) {
      const bytes = (value as EventRow)[2].length;
      kept.sizes.push({ event: key[1], bytes });
      kept.bytes += bytes;
    }
    this.kept.set(session, kept);
    return kept;
  }

  /** Drops the sums of the session that was first to be summed up, unless a write of it is under way. */
  private forgetSums(): void {
    if (this.kept.size < MAX_REMEMBERED_SESSIONS) return;
    for (const [session, kept] of this.kept) {
      if (kept.uncommitted.length > 0) continue;
      this.kept.delete(session);
      return;
    }
  }
}
