/** A POST with an array of messages (revision 2025-03-26): each request is answered, in one JSON array or on one stream. */
import type { ServerResponse } from 'node:http';
import type { Exchange, OneWayMessage, RequestMessage, Session } from '../../gateway.ts';
import type { RequestId } from '../../streams/event-id.ts';
import { type EventStream, PlainStream } from '../../streams/event-stream.ts';
import type { HttpContext } from './context.ts';
import { SESSION_UNKNOWN } from './refusals.ts';
import { refuse, writeEmpty, writeJson } from './respond.ts';

type Message = RequestMessage | OneWayMessage;

const isRequest = (message: Message): message is RequestMessage =>
  message.method !== undefined && message.id !== undefined;

export function routeBatch(
  context: HttpContext,
  res: ServerResponse,
  session: Session,
  messages: readonly Message[],
): void {
  const ids = messages.filter(isRequest).map(({ id }) => id);
  context.counters.requests += ids.length;
  context.counters.notifications += messages.length - ids.length;
  const response = new BatchResponse(context, res, session, ids);
  for (const message of messages) {
    const raw = Buffer.from(JSON.stringify(message));
    if (isRequest(message)) context.gateway.request(session, message, raw, response.exchange(message.id));
    else context.gateway.oneWay(session, message, raw);
  }
  if (ids.length === 0) writeEmpty(res, 202);
}

class BatchResponse {
  private readonly context: HttpContext;
  private readonly res: ServerResponse;
  private readonly session: Session;
  private readonly ids: readonly RequestId[];
  private readonly finished: [RequestId, Buffer | undefined][] = [];
  private stream: EventStream | undefined;
  private over = false;

  constructor(context: HttpContext, res: ServerResponse, session: Session, ids: readonly RequestId[]) {
    this.context = context;
    this.res = res;
    this.session = session;
    this.ids = ids;
  }

  exchange(id: RequestId): Exchange {
    return {
      related: (json) => this.related(json),
      respond: (json, _status, failed = false) => {
        this.context.counters.answered(failed);
        this.finish(id, json);
      },
      cancelled: () => this.finish(id, undefined),
      sessionEnded: () => this.sessionEnded(),
    };
  }

  private related(json: Buffer): void {
    if (this.stream === undefined) {
      if (this.res.destroyed) return;
      this.stream = this.context.streams.openPost(this.session, this.ids, this.res);
      for (const [id, answer] of this.finished) this.stream.answer(id, answer);
    }
    this.stream.send(json);
  }

  private finish(id: RequestId, json: Buffer | undefined): void {
    this.finished.push([id, json]);
    this.stream?.answer(id, json);
    if (this.finished.length < this.ids.length || this.over) return;
    if (this.stream) this.stream.end();
    else this.respondJson();
  }

  private respondJson(): void {
    const answers = this.finished.flatMap(([, json]) => json ?? []);
    if (answers.length > 0) writeJson(this.res, 200, jsonArray(answers));
    else if (!this.res.destroyed) new PlainStream(this.context.connections.open(this.res, undefined)).end();
  }

  private sessionEnded(): void {
    if (this.over) return;
    this.over = true;
    if (this.stream) this.stream.end();
    else refuse(this.context.counters, this.res, SESSION_UNKNOWN);
  }
}

function jsonArray(elements: readonly Buffer[]): Buffer {
  const parts = elements.flatMap((element, index) => (index === 0 ? [element] : [COMMA, element]));
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');
