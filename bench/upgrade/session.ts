/**
 * One MCP session of revision 2025-11-25, over raw HTTP: as little work per request as a client can have, so that it is the server that is
 * measured. Its event stream is held open. A session that the server does not know any more is opened anew, as the protocol asks.
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';

const REVISION = '2025-11-25';
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const TIMEOUT_MS = 20_000;

interface Answer {
  status: number;
  session: string | undefined;
  body: string;
}

export interface Target {
  host: string;
  port: number;
  /** Requests of all sessions share these connections; each stream has its own. */
  agent: Agent;
}

export const targetAt = (port: number): Target => ({
  host: '127.0.0.1',
  port,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
});

let nextId = 1;

function exchange(target: Target, method: string, session: string | undefined, body?: string): ClientRequest {
  const { host, port, agent } = target;
  const named = session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': REVISION };
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const headers = { ...HEADERS, ...named, ...length };
  return httpRequest({ host, port, path: '/mcp', method, headers, agent: method === 'GET' ? false : agent });
}

function post(target: Target, session: string | undefined, message: object): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return new Promise((resolve, reject) => {
    const request = exchange(target, 'POST', session, body);
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const named = response.headers['mcp-session-id'] as string | undefined;
        resolve({ status: response.statusCode ?? 0, session: named, body: text });
      });
    });
    request.end(body);
  });
}

export class Session {
  readonly #target: Target;
  #id: string | undefined;
  #opening: Promise<void> | undefined;
  #stream: ClientRequest | undefined;
  #closed = false;
  /** How often the server did not know it any more. */
  lost = 0;
  streamsDropped = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** One at a time: calls that find no session wait for the same one. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    const params = {
      protocolVersion: REVISION,
      capabilities: {},
      clientInfo: { name: 'bench', version: '1.0.0' },
    };
    const { status, session } = await post(this.#target, undefined, {
      id: nextId++,
      method: 'initialize',
      params,
    });
    if (status !== 200 || session === undefined) throw new Error(`initialize: HTTP ${status}`);
    await post(this.#target, session, { method: 'notifications/initialized' });
    this.#id = session;
    await this.#listen(session);
  }

  #listen(session: string): Promise<void> {
    this.#stream?.destroy();
    return new Promise((resolve, reject) => {
      const stream = exchange(this.#target, 'GET', session);
      this.#stream = stream;
      stream.on('error', reject);
      stream.on('response', (response: IncomingMessage) => {
        if (response.statusCode !== 200) reject(new Error(`GET: HTTP ${response.statusCode}`));
        response.on('error', () => {});
        response.once('close', () => {
          if (!this.#closed && this.#stream === stream) this.streamsDropped++;
        });
        response.resume();
        resolve();
      });
      stream.end();
    });
  }

  /** Rejects with what went wrong, also where the answer is an error. */
  async call(tool: string, args: object): Promise<void> {
    if (this.#id === undefined) await this.open();
    const params = { name: tool, arguments: args };
    const { status, body } = await post(this.#target, this.#id, {
      id: nextId++,
      method: 'tools/call',
      params,
    });
    if (status === 404) this.#lose();
    if (status !== 200) throw new Error(`HTTP ${status}`);
    if (!body.includes('"structuredContent"') || body.includes('"isError":true'))
      throw new Error('an error as answer');
  }

  #lose(): void {
    if (this.#id === undefined) return;
    this.#id = undefined;
    this.lost++;
  }

  /** Whether the server still knows it: a session that was not used meanwhile does not know. */
  async check(): Promise<void> {
    if (this.#id === undefined) return;
    const { status } = await post(this.#target, this.#id, { id: nextId++, method: 'ping' });
    if (status === 404) this.#lose();
    else if (status !== 200) throw new Error(`ping: HTTP ${status}`);
  }

  close(): void {
    this.#closed = true;
    this.#stream?.destroy();
  }
}
