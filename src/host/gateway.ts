/**
 * The line between the transports and the core of the host. A transport parses, checks and answers in its own
 * protocol's form; the core knows sessions, runners and requests in flight. Neither reaches past these types.
 */

/** A JSON-RPC request, as parsed; members that nobody here reads are left to the runner. */
export interface RequestMessage {
  jsonrpc: '2.0';
  id: string | number;
  method: string;
  params?: Record<string, unknown>;
}

/** A notification, or a client's answer to a request of the server. */
export type OneWayMessage =
  | { jsonrpc: '2.0'; method: string; params?: Record<string, unknown>; id?: undefined }
  | { jsonrpc: '2.0'; id: string | number; result?: unknown; error?: unknown; method?: undefined };

/** The transport's side of one request in flight. The core calls exactly one of `respond`, `sessionEnded` and `cancelled`, once. */
export interface Exchange {
  /** A message that belongs to the request and comes before its answer, as JSON. Progress, a log line, a request to the client. */
  related(json: Buffer): void;
  /** The answer, as the JSON of a JSON-RPC response. `status` is the HTTP status that the protocol gives to it (200, or the ladder's 400/404). `failed`: it is an error. */
  respond(json: Buffer, status: number, failed?: boolean): void;
  /** The session ended while this request was in it. HTTP: 404. */
  sessionEnded(): void;
  /** The client of a 2025 revision has cancelled the request: nothing more comes, and no answer. HTTP: the response ends, empty. */
  cancelled(): void;
}

/** A request in flight, as the core knows it; transports only hold it to abandon it. */
export interface InFlight {
  readonly request: number;
}

/** Where messages of a session go that belong to no request: its GET stream, or the connection of a stdio bridge. */
export interface SessionSink {
  emit(json: Buffer): void;
  /** The session has ended: close the stream. */
  end(): void;
}

export type TransportName = 'http' | 'stdio';

/** A client's session of a 2025 revision (or older), live in the host. Idle ones are records in the store only. */
export interface Session {
  readonly id: string;
  readonly transport: TransportName;
  /** The negotiated revision: `2025-11-25`; empty until `initialize` is answered. */
  readonly protocolVersion: string;
  /** The open streams of this session; the newest one gets what belongs to no request. */
  sink: SessionSink | undefined;
}

export interface Gateway {
  /** The session with this id, brought back from its durable record if it is idle; undefined: there is none (404). */
  findSession(id: string): Session | undefined;
  /** Makes the session of an `initialize` request. It becomes durable, and is answered, once `initialize` succeeds; else it is forgotten. */
  openSession(transport: TransportName): Session;
  /** Ends a session for good: streams closed, record deleted (durably, before the promise resolves). */
  endSession(session: Session, reason: string): Promise<void>;
  /** A stream of this session was opened or closed: `sink` set or cleared. A session with a sink is never idle. */
  attach(session: Session, sink: SessionSink): void;
  detach(session: Session, sink: SessionSink): void;

  /** Routes a request of a session, or (undefined) one of revision 2026-07-28, which has none. `raw` is the JSON of `message`. */
  request(session: Session | undefined, message: RequestMessage, raw: Buffer, exchange: Exchange): InFlight;
  /** Routes a notification or a client's answer; nothing comes back. */
  oneWay(session: Session | undefined, message: OneWayMessage, raw: Buffer): void;
  /** The client has closed the response stream of a 2026-07-28 request: the call is cancelled, no answer will come. */
  abandon(inFlight: InFlight): void;
  /** False while the node takes no more requests (limit of requests in flight or of unsent bytes reached): 503 with Retry-After. */
  readonly accepting: boolean;
}
