/** A transport over a fake gateway and an event log on disk, and a plain HTTP client for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { onTestFinished } from 'vitest';
import { type EventDatabase, type EventLimits, EventLog } from '../../src/host/streams/index.ts';
import { type HttpOptions, type HttpTransport, startHttp } from '../../src/host/transports/http/index.ts';
import { FakeGateway } from './fake-gateway.ts';

export interface Reply {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  json: {
    jsonrpc?: string;
    id?: unknown;
    result?: unknown;
    error?: { code: number; message: string; data?: unknown };
  };
}

export interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string | readonly string[] | undefined>;
  body?: string | Buffer;
}

const DEADLINE_MS = 10_000;
export const BOTH = 'application/json, text/event-stream';

export class NodeUnderTest {
  readonly gateway: FakeGateway;
  readonly transport: HttpTransport;
  readonly eventLog: EventLog;
  readonly warnings: string[];
  readonly agent = new Agent({ keepAlive: true });

  constructor(gateway: FakeGateway, transport: HttpTransport, eventLog: EventLog, warnings: string[]) {
    this.gateway = gateway;
    this.transport = transport;
    this.eventLog = eventLog;
    this.warnings = warnings;
  }

  /** A POST of a 2025 client in this session, unless told otherwise. A header that is undefined is left out. */
  post(session: string | undefined, message: unknown, headers: Sent['headers'] = {}): Promise<Reply> {
    return this.send({
      headers: { 'mcp-session-id': session, ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
  }

  async send(sent: Sent): Promise<Reply> {
    const res = await this.respond(sent);
    let text = '';
    for await (const chunk of res.setEncoding('utf8')) text += chunk;
    const parsed = res.headers['content-type'] === 'application/json' ? JSON.parse(text) : {};
    return { status: res.statusCode!, headers: res.headers as Reply['headers'], text, json: parsed };
  }

  /** The response as soon as its head is there. */
  respond({ method = 'POST', path = '/mcp', headers = {}, body }: Sent): Promise<IncomingMessage> {
    const { host, port } = this.transport.address;
    const defaults =
      method === 'POST'
        ? { accept: BOTH, 'content-type': 'application/json' }
        : { accept: 'text/event-stream' };
    const all = Object.entries({ ...defaults, ...headers }).filter(([, value]) => value !== undefined);
    return new Promise((resolve, reject) => {
      const req = request(
        {
          host,
          port,
          path,
          method,
          agent: this.agent,
          headers: Object.fromEntries(all) as Record<string, string>,
          timeout: DEADLINE_MS,
        },
        resolve,
      );
      req.on('error', reject);
      req.end(body);
    });
  }

  async events(sent: Sent): Promise<EventReader> {
    return new EventReader(await this.respond(sent));
  }

  /** A GET stream of this session. */
  listen(session: string, lastEventId?: string, headers: Sent['headers'] = {}): Promise<EventReader> {
    return this.events({
      method: 'GET',
      headers: { 'mcp-session-id': session, 'last-event-id': lastEventId, ...headers },
    });
  }

  /** Bytes on a socket, for what no HTTP client would send. */
  raw(): Socket {
    return connect(this.transport.address.port, this.transport.address.host);
  }
}

export interface SseEvent {
  id?: string;
  retry?: string;
  data?: string;
}

/** Reads a stream event by event. */
export class EventReader {
  readonly res: IncomingMessage;
  readonly comments: string[] = [];
  private readonly events: SseEvent[] = [];
  private text = '';
  ended = false;

  constructor(res: IncomingMessage) {
    this.res = res;
    res.setEncoding('utf8');
    res.on('data', (chunk: string) => this.take(chunk));
    res.on('close', () => {
      this.ended = true;
    });
    res.on('error', () => {});
  }

  /** The next event of any kind. */
  async next(): Promise<SseEvent> {
    await until(() => this.events.length > 0 || this.ended, 'an event');
    const event = this.events.shift();
    if (!event) throw new Error('the stream ended');
    return event;
  }

  /** The next event with data, and its id. */
  async message(): Promise<{ id: string | undefined; json: Record<string, unknown> }> {
    for (;;) {
      const { id, data } = await this.next();
      if (data) return { id, json: JSON.parse(data) };
    }
  }

  async end(): Promise<void> {
    await until(() => this.ended, 'the end of the stream');
  }

  close(): void {
    this.res.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    const blocks = this.text.split('\n\n');
    this.text = blocks.pop()!;
    for (const block of blocks) {
      const event: SseEvent = {};
      for (const line of block.split('\n')) {
        const [, field, value] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
        if (field === '') this.comments.push(value!);
        else if (field === 'id' || field === 'retry' || field === 'data') event[field] = value!;
      }
      if (Object.keys(event).length > 0) this.events.push(event);
    }
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface StartOptions extends Partial<HttpOptions> {
  gateway?: FakeGateway;
  events?: RootDatabase;
  eventLimits?: Partial<EventLimits>;
}

/** An LMDB environment in a folder of its own, gone after the test. */
export function openStore(): RootDatabase {
  const path = mkdtempSync(join(tmpdir(), 'erlmcp-http-'));
  const root = open({ path });
  onTestFinished(async () => {
    await root.close();
    rmSync(path, { recursive: true });
  });
  return root;
}

export const eventsOf = (root: RootDatabase): EventDatabase => root.openDB({ name: 'events' });

/** Closed after the test. Keep-alive comments are off unless asked for. */
export async function start(options: StartOptions = {}): Promise<NodeUnderTest> {
  const { gateway = new FakeGateway(), events = openStore(), eventLimits, ...rest } = options;
  const warnings: string[] = [];
  const failures: unknown[] = [];
  const eventLog = new EventLog(eventsOf(events), eventLimits, (error) => failures.push(error));
  const log = {
    info: () => {},
    warn: (line: string) => warnings.push(line),
    error: (line: string) => warnings.push(line),
  };
  const transport = await startHttp({
    gateway,
    host: '127.0.0.1',
    port: 0,
    eventLog,
    keepAliveMs: 0,
    log,
    ...rest,
  });
  const node = new NodeUnderTest(gateway, transport, eventLog, warnings);
  onTestFinished(async () => {
    node.agent.destroy();
    await transport.close(0);
    if (failures.length > 0) throw failures[0];
  });
  return node;
}
