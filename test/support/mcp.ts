/** The smallest MCP clients over HTTP, which show what is on the wire; tests of interoperability use the official ones. */
export const REVISION_2025 = '2025-11-25';
export const REVISION_2026 = '2026-07-28';

export interface RpcAnswer {
  id?: string | number | null;
  result?: Record<string, unknown> & { structuredContent?: Record<string, unknown>; isError?: boolean };
  error?: { code: number; message: string; data?: { code?: string; outcome?: string } };
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The messages of a response, whichever form it has. */
export async function messagesOf(response: Response): Promise<RpcAnswer[]> {
  const text = await response.text();
  if (text === '') return [];
  if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
    return [JSON.parse(text)].flat() as RpcAnswer[];
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? '') as RpcAnswer);
}

let nextId = 1;

/** A client of revision 2025-11-25. */
export class SessionClient {
  readonly url: string;
  id = '';

  constructor(url: string) {
    this.url = url;
  }

  static async open(url: string): Promise<SessionClient> {
    const client = new SessionClient(url);
    const response = await client.post({
      id: nextId++,
      method: 'initialize',
      params: {
        protocolVersion: REVISION_2025,
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      },
    });
    client.id = response.headers.get('mcp-session-id') ?? '';
    await response.text();
    await (await client.post({ method: 'notifications/initialized' })).text();
    return client;
  }

  post(message: Record<string, unknown>, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers:
        this.id === ''
          ? HEADERS
          : { ...HEADERS, 'mcp-session-id': this.id, 'mcp-protocol-version': REVISION_2025 },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      signal: signal ?? AbortSignal.timeout(30_000),
    });
  }

  async request(method: string, params: Record<string, unknown> = {}): Promise<RpcAnswer> {
    const response = await this.post({ id: nextId++, method, params });
    const answer = (await messagesOf(response)).at(-1);
    if (answer === undefined) throw new Error(`no answer to ${method}: HTTP ${response.status}`);
    return answer;
  }

  /** The structured result of a tool; throws what went wrong. */
  async call<T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}): Promise<T> {
    const { result, error } = await this.request('tools/call', { name, arguments: args });
    if (error || result?.isError) throw new Error(error?.message ?? JSON.stringify(result));
    return result?.structuredContent as T;
  }

  /** Opens the GET stream; `messages` grows as they come. */
  async stream(
    headers: Record<string, string> = {},
  ): Promise<{ messages: Record<string, unknown>[]; close(): void; closed: Promise<void> }> {
    const abort = new AbortController();
    const response = await fetch(this.url, {
      headers: {
        accept: 'text/event-stream',
        'mcp-session-id': this.id,
        'mcp-protocol-version': REVISION_2025,
        ...headers,
      },
      signal: abort.signal,
    });
    if (!response.ok || !response.body) throw new Error(`GET: HTTP ${response.status}`);
    const messages: Record<string, unknown>[] = [];
    const closed = readEvents(response.body, messages).catch(() => {});
    return { messages, closed, close: () => abort.abort() };
  }

  delete(): Promise<Response> {
    return fetch(this.url, { method: 'DELETE', headers: { 'mcp-session-id': this.id } });
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, into: Record<string, unknown>[]): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.startsWith('data: {')) into.push(JSON.parse(line.slice(6)) as Record<string, unknown>);
  }
}

const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION_2026,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Posts a request of revision 2026-07-28; `id` is free to clash with another client's. */
export function post2026(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: { id?: string | number; meta?: Record<string, unknown>; signal?: AbortSignal } = {},
): Promise<Response> {
  const name = params.name ?? params.uri;
  return fetch(url, {
    method: 'POST',
    headers: {
      ...HEADERS,
      'mcp-protocol-version': REVISION_2026,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: options.id ?? nextId++,
      method,
      params: { ...params, _meta: { ...META, ...options.meta } },
    }),
    signal: options.signal ?? AbortSignal.timeout(30_000),
  });
}

export async function call2026<T = Record<string, unknown>>(
  url: string,
  name: string,
  args: Record<string, unknown> = {},
): Promise<T> {
  const answer = (await messagesOf(await post2026(url, 'tools/call', { name, arguments: args }))).at(-1);
  if (!answer || answer.error || answer.result?.isError) throw new Error(JSON.stringify(answer));
  return answer.result?.structuredContent as T;
}
