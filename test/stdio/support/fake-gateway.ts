/**
 * A gateway without runners: the official SDK's servers answer in this process, through the runner's own channels. Its
 * store outlives it, so that a second gateway over the same store is the first one after a restart.
 */
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type {
  Exchange,
  Gateway,
  InFlight,
  OneWayMessage,
  RequestMessage,
  Session,
  SessionSink,
  TransportName,
} from '../../../src/host/gateway.ts';
import type { Incoming } from '../../../src/runner/json-rpc.ts';
import type { ChannelPort } from '../../../src/runner/port.ts';
import { SessionChannel } from '../../../src/runner/session-channel.ts';
import { SharedChannel } from '../../../src/runner/shared-channel.ts';

export interface FakeRecord {
  transport: TransportName;
  protocolVersion: string;
  initialize: unknown;
  initialized?: unknown;
}

export class FakeStore {
  readonly sessions = new Map<string, FakeRecord>();
  readonly ended: { id: string; reason: string }[] = [];
  /** The argument of each call of the tool `mark`, in the order in which they ran. */
  readonly ran: string[] = [];
  readonly notified: string[] = [];
}

class FakeSession implements Session {
  readonly id: string;
  readonly transport: TransportName;
  protocolVersion = '';
  sink: SessionSink | undefined;
  readonly channel: SessionChannel;
  ready: Promise<void> = Promise.resolve();

  constructor(id: string, transport: TransportName, port: ChannelPort) {
    this.id = id;
    this.transport = transport;
    this.channel = new SessionChannel(id, port, 'fake.');
  }
}

interface Flight extends InFlight {
  session: FakeSession | undefined;
  message: RequestMessage;
  exchange: Exchange;
}

export class FakeGateway implements Gateway {
  accepting = true;
  readonly store: FakeStore;
  readonly abandoned: string[] = [];
  /** Answers each `initialize` in place of the server, while set. */
  initializeError: { code: number; message: string } | undefined;
  readonly #flights = new Map<number, Flight>();
  readonly #sessions = new Map<string, FakeSession>();
  readonly #servers = new Set<McpServer>();
  readonly #shared: SharedChannel;
  #next = 1;

  constructor(store: FakeStore) {
    this.store = store;
    this.#shared = new SharedChannel(this.#port(() => undefined));
    this.#shared.open(
      () => this.#server(),
      () => {},
    );
  }

  #port(session: () => FakeSession | undefined): ChannelPort {
    return {
      response: (request, json) => this.#respond(request, json),
      related: (request, json) => this.#flights.get(request)?.exchange.related(Buffer.from(json)),
      emit: (json) => session()?.sink?.emit(Buffer.from(json)),
      settled: () => {},
    };
  }

  #server(): McpServer {
    const server = new McpServer(
      { name: 'fake', version: '1' },
      { capabilities: { tools: { listChanged: true } } },
    );
    server.server.oninitialized = () => void this.store.notified.push('initialized');
    server.registerTool(
      'mark',
      { inputSchema: z.object({ text: z.string(), ms: z.number().optional() }) },
      async ({ text, ms }, context) => {
        this.store.ran.push(text);
        const { progressToken } = (context.mcpReq._meta ?? {}) as { progressToken?: string | number };
        if (progressToken !== undefined)
          await context.mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress: 1 },
          });
        await new Promise((resolve) => setTimeout(resolve, ms ?? 0));
        return { content: [{ type: 'text', text }] };
      },
    );
    server.registerTool(
      'repeat',
      { inputSchema: z.object({ text: z.string(), times: z.number() }) },
      ({ text, times }) => ({ content: [{ type: 'text', text: text.repeat(times) }] }),
    );
    this.#servers.add(server);
    return server;
  }

  /** What a server says unasked: to each session, and to who listens. */
  tellToolsChanged(): void {
    for (const server of this.#servers) server.sendToolListChanged();
  }

  emitAll(json: object): void {
    for (const session of this.#sessions.values()) session.sink?.emit(Buffer.from(JSON.stringify(json)));
  }

  findSession(id: string): Session | undefined {
    const live = this.#sessions.get(id);
    if (live) return live;
    const record = this.store.sessions.get(id);
    if (!record) return undefined;
    const session = this.#live(id, record.transport);
    session.protocolVersion = record.protocolVersion;
    session.ready = session.channel.open(() => this.#server(), { sessionId: id, requests: [], ...record });
    return session;
  }

  openSession(transport: TransportName): Session {
    const session = this.#live(crypto.randomUUID(), transport);
    session.ready = session.channel.open(() => this.#server(), {
      sessionId: session.id,
      protocolVersion: '',
      requests: [],
    });
    return session;
  }

  #live(id: string, transport: TransportName): FakeSession {
    const session: FakeSession = new FakeSession(
      id,
      transport,
      this.#port(() => session),
    );
    this.#sessions.set(id, session);
    return session;
  }

  async endSession(session: Session, reason: string): Promise<void> {
    if (!this.#sessions.delete(session.id)) return;
    for (const [request, flight] of this.#flights) {
      if (flight.session?.id !== session.id) continue;
      this.#flights.delete(request);
      flight.exchange.sessionEnded();
    }
    session.sink?.end();
    await new Promise((resolve) => setImmediate(resolve));
    if (this.store.sessions.delete(session.id)) this.store.ended.push({ id: session.id, reason });
  }

  attach(session: Session, sink: SessionSink): void {
    session.sink = sink;
  }

  detach(session: Session, sink: SessionSink): void {
    if (session.sink === sink) session.sink = undefined;
  }

  request(session: Session | undefined, message: RequestMessage, _raw: Buffer, exchange: Exchange): InFlight {
    const request = this.#next++;
    const fake = session as FakeSession | undefined;
    this.#flights.set(request, { request, session: fake, message, exchange });
    if (message.method === 'initialize' && this.initializeError)
      this.#respond(request, JSON.stringify({ jsonrpc: '2.0', id: message.id, error: this.initializeError }));
    else (fake?.channel ?? this.#shared).deliver(request, structuredClone(message) as Incoming);
    return { request };
  }

  #respond(request: number, json: string): void {
    const flight = this.#flights.get(request);
    if (!flight) return;
    this.#flights.delete(request);
    const answer = JSON.parse(json) as { result?: { protocolVersion: string } };
    const { session, message, exchange } = flight;
    if (session && message.method === 'initialize' && answer.result) {
      session.protocolVersion = answer.result.protocolVersion;
      this.store.sessions.set(session.id, {
        transport: session.transport,
        protocolVersion: session.protocolVersion,
        initialize: message,
      });
    }
    exchange.respond(Buffer.from(json), 200);
  }

  oneWay(session: Session | undefined, message: OneWayMessage): void {
    if (!session) return;
    const record = this.store.sessions.get(session.id);
    if (record && message.method === 'notifications/initialized') record.initialized ??= message;
    (session as FakeSession).channel.deliver(0, structuredClone(message) as unknown as Incoming);
  }

  abandon(inFlight: InFlight): void {
    const flight = this.#flights.get(inFlight.request);
    if (!flight) return;
    this.#flights.delete(inFlight.request);
    this.abandoned.push(flight.message.method);
    this.#shared.abandon(inFlight.request);
  }

  get inFlight(): number {
    return this.#flights.size;
  }
}
