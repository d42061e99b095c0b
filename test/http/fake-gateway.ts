/** A core without runners: sessions in a map, and a function that answers. */
import { randomUUID } from 'node:crypto';
import type {
  Exchange,
  Gateway,
  InFlight,
  OneWayMessage,
  RequestMessage,
  Session,
  SessionSink,
} from '../../src/host/gateway.ts';

export interface Call {
  session: Session | undefined;
  message: RequestMessage;
  raw: string;
  exchange: Exchange;
  inFlight: InFlight;
}

type FakeSession = Session & { protocolVersion: string };

export class FakeGateway implements Gateway {
  accepting = true;
  readonly sessions = new Map<string, FakeSession>();
  readonly calls: Call[] = [];
  readonly oneWays: { session: Session | undefined; message: OneWayMessage; raw: string }[] = [];
  readonly abandoned: InFlight[] = [];
  readonly detached: string[] = [];
  /** Answers with its own method unless a test sets another. */
  onRequest: (call: Call) => void = (call) => {
    if (call.message.method === 'initialize') this.initialize(call);
    else answer(call, { method: call.message.method });
  };

  findSession(id: string): Session | undefined {
    return this.sessions.get(id);
  }

  openSession(): Session {
    return { id: randomUUID(), transport: 'http', protocolVersion: '', sink: undefined };
  }

  /** As the core does it: sink and requests in flight are told. */
  async endSession(session: Session): Promise<void> {
    this.sessions.delete(session.id);
    session.sink?.end();
    for (const call of this.calls) if (call.session === session) call.exchange.sessionEnded();
  }

  attach(session: Session, sink: SessionSink): void {
    session.sink = sink;
  }

  detach(session: Session, sink: SessionSink): void {
    if (session.sink === sink) session.sink = undefined;
    this.detached.push(session.id);
  }

  request(session: Session | undefined, message: RequestMessage, raw: Buffer, exchange: Exchange): InFlight {
    const inFlight = { request: this.calls.length };
    const call = { session, message, raw: raw.toString(), exchange, inFlight };
    this.calls.push(call);
    this.onRequest(call);
    return inFlight;
  }

  oneWay(session: Session | undefined, message: OneWayMessage, raw: Buffer): void {
    this.oneWays.push({ session, message, raw: raw.toString() });
  }

  abandon(inFlight: InFlight): void {
    this.abandoned.push(inFlight);
  }

  /** A session that is there already. */
  addSession(protocolVersion = '2025-11-25', id: string = randomUUID()): Session {
    const session = { id, transport: 'http' as const, protocolVersion, sink: undefined };
    this.sessions.set(id, session);
    return session;
  }

  initialize(call: Call): void {
    const session = call.session as FakeSession;
    session.protocolVersion = String(call.message.params?.protocolVersion);
    this.sessions.set(session.id, session);
    answer(call, {
      protocolVersion: session.protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'fake', version: '1' },
    });
  }

  /** The call with this JSON-RPC id. */
  call(id: string | number): Call {
    const found = this.calls.find(({ message }) => message.id === id);
    if (!found) throw new Error(`no call ${id} reached the gateway`);
    return found;
  }
}

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export function answer(call: Call, result: unknown): void {
  call.exchange.respond(json({ jsonrpc: '2.0', id: call.message.id, result }), 200);
}

export const progress = (n: number): Buffer =>
  json({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: n } });
