/**
 * One POST with one request, from the moment it is routed. Its answer is JSON, unless something related comes first: then it
 * is a stream, and the answer its last event.
 */
import type { ServerResponse } from 'node:http';
import type { Exchange, InFlight, RequestMessage, Session } from '../../gateway.ts';
import { type EventStream, PlainStream } from '../../streams/event-stream.ts';
import type { HttpContext } from './context.ts';
import { SESSION_UNKNOWN } from './refusals.ts';
import { refuse, writeJson } from './respond.ts';

abstract class SingleExchange implements Exchange {
  protected readonly context: HttpContext;
  protected readonly res: ServerResponse;
  protected readonly request: RequestMessage;
  protected stream: EventStream | undefined;

  constructor(context: HttpContext, res: ServerResponse, request: RequestMessage) {
    this.context = context;
    this.res = res;
    this.request = request;
  }

  /** Begins the response as a stream; its client is there. */
  protected abstract openStream(): EventStream;

  related(json: Buffer): void {
    if (this.stream === undefined) {
      if (this.res.destroyed) return;
      this.stream = this.openStream();
    }
    this.stream.send(json);
  }

  respond(json: Buffer, status: number, failed = false): void {
    this.context.counters.answered(failed);
    if (this.stream === undefined) this.respondJson(json, status);
    else {
      this.stream.answer(this.request.id, json);
      this.stream.end();
    }
  }

  protected respondJson(json: Buffer, status: number): void {
    writeJson(this.res, status, json);
  }

  sessionEnded(): void {
    if (this.stream === undefined) refuse(this.context.counters, this.res, SESSION_UNKNOWN, this.request.id);
    else this.stream.end();
  }

  cancelled(): void {
    if (this.stream === undefined) {
      if (this.res.destroyed) return;
      this.stream = new PlainStream(this.context.connections.open(this.res, undefined));
    } else this.stream.answer(this.request.id, undefined);
    this.stream.end();
  }
}

/** In a session. A client that goes away does not cancel its call, and can come back for the rest if it had an event. */
export class SessionExchange extends SingleExchange {
  private readonly session: Session;

  constructor(context: HttpContext, res: ServerResponse, session: Session, request: RequestMessage) {
    super(context, res, request);
    this.session = session;
  }

  protected override openStream(): EventStream {
    return this.context.streams.openPost(this.session, [this.request.id], this.res);
  }
}

/** `initialize`: the session is named to the client once there is one. What comes before that can't be resumed. */
export class InitializeExchange extends SingleExchange {
  private readonly session: Session;

  constructor(context: HttpContext, res: ServerResponse, session: Session, request: RequestMessage) {
    super(context, res, request);
    this.session = session;
  }

  protected override openStream(): EventStream {
    return new PlainStream(this.context.connections.open(this.res, this.session.id));
  }

  protected override respondJson(json: Buffer, status: number): void {
    writeJson(this.res, status, json, succeeded(json) ? this.session.id : undefined);
  }
}

const succeeded = (json: Buffer): boolean =>
  (JSON.parse(json.toString()) as { result?: unknown }).result !== undefined;

/** Revision 2026-07-28: no session, no resuming, and a client that goes away has cancelled its request. */
export class ModernExchange extends SingleExchange {
  private done = false;

  route(raw: Buffer): void {
    const inFlight: InFlight = this.context.gateway.request(undefined, this.request, raw, this);
    if (this.done) return;
    this.res.once('close', () => {
      if (this.done) return;
      this.done = true;
      this.context.gateway.abandon(inFlight);
    });
  }

  protected override openStream(): EventStream {
    return new PlainStream(this.context.connections.open(this.res, undefined));
  }

  override respond(json: Buffer, status: number, failed = false): void {
    this.done = true;
    super.respond(json, status, failed);
  }

  override cancelled(): void {
    this.done = true;
    super.cancelled();
  }
}
