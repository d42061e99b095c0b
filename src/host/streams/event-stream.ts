/**
 * Streams of events to one client. A `ResumableStream` (2025 revisions) outlives its connections: every event is logged, and
 * goes out if a connection is there. A `PlainStream` is its connection.
 */

import type { RequestId } from './event-id.ts';
import type { EventKind, EventLog } from './event-log.ts';
import type { SseConnection } from './sse-connections.ts';
import { eventFrame, primingFrame, retryFrame } from './sse-frames.ts';

export interface EventStream {
  send(json: Buffer): void;
  /** Sends the response to this request; undefined: it gets none. */
  answer(id: RequestId, json: Buffer | undefined): void;
  /** Nothing more will be sent. */
  end(): void;
}

export class PlainStream implements EventStream {
  private readonly connection: SseConnection;

  constructor(connection: SseConnection) {
    this.connection = connection;
  }

  send(json: Buffer): void {
    this.connection.write(eventFrame(json));
  }

  answer(_id: RequestId, json: Buffer | undefined): void {
    if (json) this.send(json);
  }

  end(): void {
    this.connection.end();
  }
}

export interface StreamOptions {
  log: EventLog;
  session: string;
  number: number;
  /** As `EventLog.idPrefix` gave it. */
  prefix: string;
  retryMs: number;
  /** Whether this client's revision knows events without data (2025-11-25). */
  priming: boolean;
}

export class ResumableStream implements EventStream {
  readonly session: string;
  readonly number: number;
  ended = false;
  onEnd: (() => void) | undefined;
  private readonly options: StreamOptions;
  private connection: SseConnection | undefined;

  constructor(options: StreamOptions) {
    this.session = options.session;
    this.number = options.number;
    this.options = options;
  }

  get connected(): boolean {
    return this.connection?.open === true;
  }

  /**
   * Makes this the stream's connection, instead of an earlier one, which is closed, and sends what was logged after `after`;
   * undefined: the stream begins with it.
   * @param onClose called when it closes, unless another has taken its place by then
   */
  attach(connection: SseConnection, after: number | undefined, onClose?: () => void): void {
    const earlier = this.connection;
    this.connection = connection;
    earlier?.end();
    connection.onClose = () => {
      if (this.connection !== connection) return;
      this.connection = undefined;
      onClose?.();
    };
    const { log, retryMs, priming } = this.options;
    connection.write(priming ? primingFrame(this.idOf(after ?? this.number), retryMs) : retryFrame(retryMs));
    if (after !== undefined) {
      for (const { event, kind, json } of log.read(this.session, this.number)) {
        if (event > after && kind !== 'silence') connection.write(eventFrame(json, this.idOf(event)), true);
      }
    }
    if (this.ended) connection.end();
  }

  send(json: Buffer): void {
    this.write('message', json);
  }

  answer(id: RequestId, json: Buffer | undefined): void {
    if (json) this.write('answer', json);
    else this.options.log.append(this.session, this.number, 'silence', Buffer.from(JSON.stringify({ id })));
  }

  private write(kind: EventKind, json: Buffer): void {
    if (this.ended) return;
    const event = this.options.log.append(this.session, this.number, kind, json);
    this.connection?.write(eventFrame(json, this.idOf(event)));
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.disconnect();
    this.onEnd?.();
  }

  /** Closes the connection only: the client is expected back. */
  disconnect(): void {
    this.connection?.end();
  }

  private idOf(event: number): string {
    return this.options.prefix + event.toString(36);
  }
}

/** The ids of requests among `requests` that none of these answers answers. */
export function unanswered(requests: readonly RequestId[], answers: readonly Buffer[]): RequestId[] {
  const answered = new Set(answers.map((json) => (JSON.parse(json.toString()) as { id?: RequestId }).id));
  return requests.filter((id) => !answered.has(id));
}
