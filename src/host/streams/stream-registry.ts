/**
 * The streams of 2025 sessions that something may still be sent on, connected or not: those of POSTs by number, GET streams by
 * session. A message of a session goes out on exactly one stream: on its newest connected GET stream, else it is logged for
 * the newest, whose client may come back for it.
 */
import type { ServerResponse } from 'node:http';
import { clientError } from '../../errors/index.ts';
import type { Gateway, Session, SessionSink } from '../gateway.ts';
import type { EventId, RequestId } from './event-id.ts';
import type { EventLog } from './event-log.ts';
import { ResumableStream, unanswered } from './event-stream.ts';
import type { SseConnections } from './sse-connections.ts';

/** The first revision whose clients take an event without data. */
const FIRST_PRIMED_REVISION = '2025-11-25';

export interface RegistryOptions {
  gateway: Gateway;
  log: EventLog;
  connections: SseConnections;
  retryMs: number;
  resumeGraceMs: number;
  streamsPerSession: number;
}

/** `over`: all of it was delivered. `unknown`: nothing is left to say what became of its requests. */
export type Resumption = 'resumed' | 'over' | 'unknown';

export class StreamRegistry {
  readonly options: RegistryOptions;
  private readonly posts = new Map<number, ResumableStream>();
  private readonly sinks = new Map<string, StandaloneStreams>();

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  /** Begins the stream of a POST with these requests, as its response. */
  openPost(session: Session, requests: readonly RequestId[], res: ServerResponse): ResumableStream {
    const number = this.options.log.nextNumber();
    const prefix = this.options.log.idPrefix(session.id, number, requests);
    const stream = this.create(session, number, prefix);
    this.posts.set(number, stream);
    stream.onEnd = () => this.posts.delete(number);
    stream.attach(this.options.connections.open(res, session.id), undefined);
    return stream;
  }

  /** Begins a GET stream, as its response. */
  openStandalone(session: Session, res: ServerResponse): void {
    const number = this.options.log.nextNumber();
    const prefix = this.options.log.idPrefix(session.id, number, undefined);
    this.standalone(session).add(this.create(session, number, prefix), res, undefined);
  }

  /** Goes on with the stream of this event. */
  resume(session: Session, id: EventId, res: ServerResponse): Resumption {
    const post = this.posts.get(id.stream);
    if (post?.session === session.id) {
      post.attach(this.options.connections.open(res, session.id), id.event);
      return 'resumed';
    }
    if (id.post) return this.resumeEnded(session, id, res);
    const streams = this.standalone(session);
    const known = streams.find(id.stream) ?? this.create(session, id.stream, id.prefix);
    streams.add(known, res, id.event);
    return 'resumed';
  }

  /** Closes the connections of all resumable streams; their clients are expected back. */
  disconnectAll(): void {
    for (const stream of this.posts.values()) stream.disconnect();
    for (const streams of this.sinks.values()) streams.disconnect();
  }

  /** No stream is expected back any more. */
  close(): void {
    for (const streams of [...this.sinks.values()]) streams.release();
  }

  /** A POST's stream that has ended, or that died with an earlier life of the node. */
  private resumeEnded(session: Session, id: EventId, res: ServerResponse): Resumption {
    const { log, connections } = this.options;
    const events = log.read(session.id, id.stream);
    const answers = events.filter(({ kind }) => kind !== 'message').map(({ json }) => json);
    if (id.requests.length === 0 && answers.length === 0) return 'unknown';
    const lost = unanswered(id.requests, answers);
    if (lost.length === 0 && !events.some(({ event, kind }) => event > id.event && kind !== 'silence'))
      return 'over';
    for (const request of lost) log.append(session.id, id.stream, 'answer', lostAnswer(request));
    const stream = this.create(session, id.stream, id.prefix);
    stream.attach(connections.open(res, session.id), id.event);
    stream.end();
    return 'resumed';
  }

  private create(session: Session, number: number, prefix: string): ResumableStream {
    const { log, retryMs } = this.options;
    const priming = session.protocolVersion >= FIRST_PRIMED_REVISION;
    return new ResumableStream({ log, session: session.id, number, prefix, retryMs, priming });
  }

  private standalone(session: Session): StandaloneStreams {
    const known = this.sinks.get(session.id);
    if (known) return known;
    const streams = new StandaloneStreams(session, this.options, () => this.sinks.delete(session.id));
    this.sinks.set(session.id, streams);
    this.options.gateway.attach(session, streams);
    return streams;
  }
}

const lostAnswer = (id: RequestId): Buffer =>
  Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, error: clientError('node_lost') }));

/** The GET streams of one session: its sink, from the first stream until the last has been gone for the grace time. */
class StandaloneStreams implements SessionSink {
  private readonly session: Session;
  private readonly options: RegistryOptions;
  private readonly onGone: () => void;
  /** Newest last. The newest stays when its connection breaks off; older ones can come back by id. */
  private streams: ResumableStream[] = [];
  private grace: NodeJS.Timeout | undefined;
  private over = false;

  constructor(session: Session, options: RegistryOptions, onGone: () => void) {
    this.session = session;
    this.options = options;
    this.onGone = onGone;
  }

  find(number: number): ResumableStream | undefined {
    return this.streams.find((stream) => stream.number === number);
  }

  /**
   * Connects a stream and makes it the newest. Older ones stay open, quietly: closing them would only make a client that
   * opened two of them reconnect each in turn, for ever.
   */
  add(stream: ResumableStream, res: ServerResponse, after: number | undefined): void {
    clearTimeout(this.grace);
    this.streams = [...this.streams.filter((other) => other !== stream && other.connected), stream];
    if (this.streams.length > this.options.streamsPerSession) this.streams[0]?.disconnect();
    stream.attach(this.options.connections.open(res, this.session.id), after, () => this.onDisconnect());
  }

  emit(json: Buffer): void {
    const target = this.streams.findLast((stream) => stream.connected) ?? this.streams.at(-1);
    target?.send(json);
  }

  end(): void {
    this.leave();
    for (const stream of this.streams) stream.end();
    this.options.log.forget(this.session.id).catch(() => undefined);
  }

  disconnect(): void {
    for (const stream of this.streams) stream.disconnect();
  }

  release(): void {
    if (this.over) return;
    this.leave();
    this.options.gateway.detach(this.session, this);
  }

  private onDisconnect(): void {
    if (this.over || this.streams.some((stream) => stream.connected)) return;
    clearTimeout(this.grace);
    this.grace = setTimeout(() => this.release(), this.options.resumeGraceMs).unref();
  }

  private leave(): void {
    this.over = true;
    clearTimeout(this.grace);
    this.onGone();
  }
}
