/**
 * One client behind a bridge: takes its messages to the gateway, by the era that each of them shows, and brings the answers
 * back. It has at most one session (2025 revisions); requests of 2026-07-28 have none and may come beside it.
 */
import { type ClientErrorName, clientError } from '../../../errors/index.ts';
import type { Exchange, Gateway, InFlight, RequestMessage, Session, SessionSink } from '../../gateway.ts';
import type { Log } from '../../log.ts';
import { TransportCounters } from '../counters.ts';
import { type ClientMessage, parseClientMessage } from './client-message.ts';

/** The way back to the client. `number`: of the request that the message belongs to. */
export interface ClientOutput {
  response(number: number, json: Buffer): void;
  related(number: number, json: Buffer): void;
  emit(json: Buffer): void;
  /** The client's session is another one from now on, or none. */
  sessionChanged(session: Session | undefined): void;
}

interface Running {
  sessionless: boolean;
  /** Undefined while the gateway has not said it yet. */
  inFlight: InFlight | undefined;
}

interface Held {
  number: number;
  raw: Buffer;
  parsed: ClientMessage;
}

/** JSON-RPC "internal error". */
const INTERNAL_ERROR = -32603;
const INVALID_REQUEST = -32600;
/** Messages that wait for the answer to an `initialize`; more are refused. */
const MAX_HELD = 1_000;

export class StdioClient {
  readonly #gateway: Gateway;
  readonly #output: ClientOutput;
  readonly #log: Log;
  readonly #counters: TransportCounters;
  #session: Session | undefined;
  #hadSession = false;
  readonly #running = new Map<string | number, Running>();
  /** Messages of the session that wait for the answer to its `initialize`; undefined while none is awaited. */
  #held: Held[] | undefined;
  #sink: SessionSink | undefined;
  #gone = false;

  constructor(gateway: Gateway, output: ClientOutput, log: Log, counters = new TransportCounters()) {
    this.#gateway = gateway;
    this.#output = output;
    this.#log = log;
    this.#counters = counters;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Goes on with a session that the client had before. */
  adopt(session: Session): void {
    const sink = {
      emit: (json: Buffer) => this.#output.emit(json),
      end: () => this.#sessionEnded(session),
    };
    this.#session = session;
    this.#hadSession = true;
    this.#sink = sink;
    this.#gateway.attach(session, sink);
  }

  /** @throws LinkViolation where the message is none that a bridge passes on. */
  deliver(number: number, raw: Buffer): void {
    const parsed = parseClientMessage(raw);
    if (parsed.kind === 'request') this.#counters.requests++;
    else this.#counters.notifications++;
    this.#route(number, raw, parsed);
  }

  #route(number: number, raw: Buffer, parsed: ClientMessage): void {
    const { sessionless } = parsed;
    if (parsed.kind === 'cancel' && this.#cancels(parsed.cancels)) return;
    if (this.#held && !sessionless) this.#hold(this.#held, number, raw, parsed);
    else if (parsed.kind === 'request') this.#request(number, raw, parsed.message, sessionless);
    else if (sessionless) this.#gateway.oneWay(undefined, parsed.message, raw);
    // Without a session nobody waits for a notification or an answer.
    else if (this.#session) this.#gateway.oneWay(this.#session, parsed.message, raw);
  }

  #hold(held: Held[], number: number, raw: Buffer, parsed: ClientMessage): void {
    if (held.length < MAX_HELD) held.push({ number, raw, parsed });
    else if (parsed.kind === 'request') this.#refuse(number, parsed.message, 'too_busy');
  }

  #request(number: number, raw: Buffer, message: RequestMessage, sessionless: boolean): void {
    if (!this.#gateway.accepting) this.#refuse(number, message, 'too_busy');
    else if (sessionless) this.#run(undefined, number, raw, message);
    else if (message.method === 'initialize') this.#initialize(number, raw, message);
    else if (this.#session) this.#run(this.#session, number, raw, message);
    else if (this.#hadSession) this.#refuse(number, message, 'session_lost');
    else this.#fail(number, message, INVALID_REQUEST, 'Invalid Request: initialize first');
  }

  #initialize(number: number, raw: Buffer, message: RequestMessage): void {
    const session = this.#gateway.openSession('stdio');
    this.#held = [];
    this.#run(session, number, raw, message, (json, failed) => {
      if (isResult(json)) this.#opened(session);
      this.#answer(number, json, failed);
      this.#releaseHeld();
    });
  }

  /** A session that the client had before is over: it has opened another. */
  #opened(session: Session): void {
    if (this.#gone) {
      this.#endSession(session, 'its client has gone');
      return;
    }
    const before = this.#leaveSession();
    this.adopt(session);
    this.#output.sessionChanged(session);
    if (before) this.#endSession(before, 'the client has initialized again');
  }

  /** @returns the session that the client was in. */
  #leaveSession(): Session | undefined {
    const session = this.#session;
    if (session && this.#sink) this.#gateway.detach(session, this.#sink);
    this.#session = undefined;
    this.#sink = undefined;
    return session;
  }

  #releaseHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.#gone) return;
    // Another `initialize` among them holds those after it again.
    for (const { number, raw, parsed } of held) this.#route(number, raw, parsed);
  }

  #run(
    session: Session | undefined,
    number: number,
    raw: Buffer,
    message: RequestMessage,
    respond: (json: Buffer, failed: boolean) => void = (json, failed) => this.#answer(number, json, failed),
  ): void {
    const running: Running = { sessionless: session === undefined, inFlight: undefined };
    const done = (): void => {
      if (this.#running.get(message.id) === running) this.#running.delete(message.id);
    };
    const exchange: Exchange = {
      related: (json) => this.#output.related(number, json),
      respond: (json, _status, failed = false) => {
        done();
        respond(json, failed);
      },
      sessionEnded: () => {
        done();
        respond(lostAnswer(message), true);
      },
      cancelled: done,
    };
    this.#running.set(message.id, running);
    try {
      running.inFlight = this.#gateway.request(session, message, raw, exchange);
    } catch (error) {
      this.#log.error('A request of a stdio client could not be routed', { error, method: message.method });
      done();
      respond(answer(message, { code: INTERNAL_ERROR, message: 'Internal error' }), true);
    }
  }

  /** @returns true where the request needs no other notice of it: the channel of 2026-07-28 is told by `abandon`. */
  #cancels(id: string | number): boolean {
    const running = this.#running.get(id);
    // A request that is cancelled is not answered, in either era.
    this.#running.delete(id);
    if (!running?.sessionless) return false;
    if (running.inFlight) this.#gateway.abandon(running.inFlight);
    return true;
  }

  #sessionEnded(session: Session): void {
    if (this.#session !== session) return;
    this.#leaveSession();
    this.#output.sessionChanged(undefined);
  }

  #refuse(number: number, message: RequestMessage, name: ClientErrorName): void {
    this.#answer(number, answer(message, clientError(name)), true);
  }

  #fail(number: number, message: RequestMessage, code: number, text: string): void {
    this.#answer(number, answer(message, { code, message: text }), true);
  }

  #answer(number: number, json: Buffer, failed: boolean): void {
    this.#counters.answered(failed);
    this.#output.response(number, json);
  }

  /** Leaves the session to whoever comes for it: its client may be back over another link. */
  leave(): Session | undefined {
    this.#gone = true;
    for (const { sessionless, inFlight } of this.#running.values())
      if (sessionless && inFlight) this.#gateway.abandon(inFlight);
    this.#running.clear();
    return this.#leaveSession();
  }

  /** The client is gone for good. */
  async end(reason: string): Promise<void> {
    const session = this.leave();
    if (session) await this.#gateway.endSession(session, reason);
  }

  #endSession(session: Session, reason: string): void {
    this.#gateway.endSession(session, reason).catch((error: unknown) => {
      this.#log.error('A session of a stdio client could not be ended', { error, session: session.id });
    });
  }
}

const answer = (message: RequestMessage, error: object): Buffer =>
  Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));

/** The session ended around a request that may have run already. */
function lostAnswer(message: RequestMessage): Buffer {
  const error = clientError('session_lost');
  return answer(message, { ...error, data: { ...error.data, outcome: 'unknown' } });
}

function isResult(json: Buffer): boolean {
  const value = JSON.parse(json.toString('utf8')) as { result?: unknown };
  return value.result !== undefined;
}
