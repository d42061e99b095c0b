/** Builds and checks the `tools/call` that the bench sends, in the form of each era. */
import { TOOL, VERSION } from '../peers/tool.ts';

export type Era = '2025' | '2026';

const ACCEPT = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Text that each right answer holds, whatever the order of its members. */
export const EXPECTED = `"version":"${VERSION}"`;

export function headersOf(era: Era, session?: string): Record<string, string> {
  if (era === '2026')
    return { ...ACCEPT, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': TOOL };
  return {
    ...ACCEPT,
    'mcp-protocol-version': '2025-11-25',
    ...(session ? { 'mcp-session-id': session } : {}),
  };
}

export function callBody(era: Era, id: number): string {
  const params = { name: TOOL, arguments: {}, ...(era === '2026' ? { _meta: META } : {}) };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

/**
 * Whole HTTP requests, NUL between them: enough that no id repeats within a session while a request with it is in flight,
 * all of one length, and with the sessions taken in turn.
 */
export function rawRequests(era: Era, port: number, sessions: readonly (string | undefined)[]): string {
  const count = 4096;
  return Array.from({ length: count }, (_, index) => {
    const body = callBody(era, 1_000_000 + index);
    const headers = Object.entries(headersOf(era, sessions[index % sessions.length]));
    const head = [
      `POST /mcp HTTP/1.1`,
      `host: 127.0.0.1:${port}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ];
    return `${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }).join('\0');
}

interface Answer {
  id?: unknown;
  result?: { structuredContent?: { version?: unknown }; content?: { text?: string }[] };
}

async function post(port: number, headers: Record<string, string>, body: string): Promise<Response> {
  const signal = AbortSignal.timeout(10_000);
  return fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers, body, signal });
}

/** Opens a session of the 2025 era; undefined where the server has none. */
export async function openSession(port: number): Promise<string | undefined> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  };
  const opened = await post(
    port,
    ACCEPT,
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  );
  await opened.text();
  const session = opened.headers.get('mcp-session-id') ?? undefined;
  const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await (await post(port, headersOf('2025', session), initialized)).text();
  return session;
}

/** One call, its answer checked in full; throws with the answer where it is wrong. */
export async function verify(era: Era, port: number, session?: string): Promise<void> {
  const response = await post(port, headersOf(era, session), callBody(era, 7));
  const text = await response.text();
  const json = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}')
    : text;
  const { id, result } = JSON.parse(json) as Answer;
  const copy = JSON.parse(result?.content?.[0]?.text ?? '{}') as { version?: unknown };
  if (
    response.status !== 200 ||
    id !== 7 ||
    result?.structuredContent?.version !== VERSION ||
    copy.version !== VERSION
  )
    throw new Error(`wrong answer from port ${port}: ${response.status} ${text}`);
}
