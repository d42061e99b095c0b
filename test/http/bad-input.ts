/**
 * Every bad input with the answer to it: the rows of the table in `docs/http.md`, each with the request that a test sends.
 * SDK: what the official server answers where the specification leaves it open.
 */

import { call, HEADERS, META } from './modern.ts';
import type { NodeUnderTest, Sent } from './node-under-test.ts';

export interface BadInput {
  input: string;
  /** Revisions that it concerns. */
  era: 'both' | '2025' | '2026';
  status: number;
  /** undefined: HTTP only, no JSON-RPC error. */
  code?: number;
  message?: string;
  /** Of the answer: that of the request, once its body could be read. Default null. */
  id?: number;
  /** Of further headers. */
  headers?: Record<string, string>;
  source: string;
  /** A request, or bytes for a socket of their own. */
  send: (world: World) => Sent | { bytes: string };
}

export interface World {
  node: NodeUnderTest;
  /** Of revision 2025-11-25. */
  session: string;
  otherSession: string;
  limit: number;
}

const S2025 = '2025-11-25 transports';
const S2026 = '2026-07-28 streamable-http';
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};
const inSession = (session: string, body: unknown, headers: Sent['headers'] = {}): Sent => ({
  headers: { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const modern = (body: unknown, headers: Sent['headers'] = {}): Sent => ({
  headers: { ...HEADERS, ...headers },
  body: JSON.stringify(body),
});
const head = (...lines: string[]): { bytes: string } => ({ bytes: `${lines.join('\r\n')}\r\n\r\n` });

export const BAD_INPUTS: BadInput[] = [
  {
    input: 'Another path than `/mcp`',
    era: 'both',
    status: 404,
    code: -32000,
    message: 'Not found: MCP is served at /mcp',
    source: `${S2025}: single MCP endpoint`,
    send: ({ session }) => ({ ...inSession(session, LIST), path: '/other' }),
  },
  {
    input: '`Host` names another machine',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Invalid Host: evil.example',
    source: `${S2025}: Security Warning; SDK hostHeaderValidation`,
    send: ({ session }) => inSession(session, LIST, { host: 'evil.example:8080' }),
  },
  {
    input: '`Host` twice',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Invalid Host: localhost, evil.example',
    source: 'RFC 9112 3.2',
    send: () =>
      head(
        'POST /mcp HTTP/1.1',
        'Host: localhost',
        'Host: evil.example',
        'Connection: close',
        'Content-Length: 0',
      ),
  },
  {
    input: 'No `Host` (HTTP/1.0)',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Missing Host header',
    source: 'SDK hostHeaderValidation',
    send: () => head('POST /mcp HTTP/1.0', 'Content-Length: 0'),
  },
  {
    input: 'No `Host` (HTTP/1.1)',
    era: 'both',
    status: 400,
    source: 'RFC 9112 3.2; Node',
    send: () => head('POST /mcp HTTP/1.1', 'Content-Length: 0'),
  },
  {
    input: 'Empty `Host`',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Missing Host header',
    source: 'SDK hostHeaderValidation',
    send: () => head('POST /mcp HTTP/1.1', 'Host:', 'Connection: close', 'Content-Length: 0'),
  },
  {
    input: '`Origin` of another site',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Invalid Origin: https://evil.example',
    source: `${S2025}, ${S2026}: Security`,
    send: ({ session }) => inSession(session, LIST, { origin: 'https://evil.example' }),
  },
  {
    input: '`Origin: null`',
    era: 'both',
    status: 403,
    code: -32000,
    message: 'Invalid Origin: null',
    source: 'SDK originValidation',
    send: ({ session }) => inSession(session, LIST, { origin: 'null' }),
  },
  {
    input: 'Another method than POST, GET, DELETE',
    era: 'both',
    status: 405,
    code: -32000,
    message: 'Method not allowed.',
    headers: { allow: 'GET, POST, DELETE' },
    source: 'RFC 9110 15.5.6; SDK',
    send: ({ session }) => ({ ...inSession(session, LIST), method: 'PUT' }),
  },
  {
    input: 'GET without a session',
    era: '2026',
    status: 405,
    code: -32000,
    message: 'Method not allowed: without a session there is only POST.',
    headers: { allow: 'POST' },
    source: `${S2026}: Earlier Streamable HTTP Revisions`,
    send: () => ({ method: 'GET', headers: { 'mcp-protocol-version': '2026-07-28' } }),
  },
  {
    input: 'DELETE without a session',
    era: '2026',
    status: 405,
    code: -32000,
    message: 'Method not allowed: without a session there is only POST.',
    headers: { allow: 'POST' },
    source: `${S2026}: Earlier Streamable HTTP Revisions`,
    send: () => ({ method: 'DELETE', headers: { 'mcp-protocol-version': '2026-07-28' } }),
  },
  {
    input: 'GET with neither `Mcp-Session-Id` nor `MCP-Protocol-Version`',
    era: 'both',
    status: 405,
    code: -32000,
    message: 'Method not allowed: without a session there is only POST.',
    headers: { allow: 'POST' },
    source: `${S2025}: Listening for Messages 3`,
    send: () => ({ method: 'GET' }),
  },
  {
    input: 'DELETE with neither `Mcp-Session-Id` nor `MCP-Protocol-Version`',
    era: 'both',
    status: 405,
    code: -32000,
    message: 'Method not allowed: without a session there is only POST.',
    headers: { allow: 'POST' },
    source: `${S2025}: Session Management 5`,
    send: () => ({ method: 'DELETE' }),
  },
  {
    input: 'GET of a 2025 client without `Mcp-Session-Id`',
    era: '2025',
    status: 400,
    code: -32000,
    message: 'Bad Request: Mcp-Session-Id header is required',
    source: `${S2025}: Session Management 2`,
    send: () => ({ method: 'GET', headers: { 'mcp-protocol-version': '2025-11-25' } }),
  },
  {
    input: 'DELETE of a 2025 client without `Mcp-Session-Id`',
    era: '2025',
    status: 400,
    code: -32000,
    message: 'Bad Request: Mcp-Session-Id header is required',
    source: `${S2025}: Session Management 2`,
    send: () => ({ method: 'DELETE', headers: { 'mcp-protocol-version': '2025-11-25' } }),
  },
  {
    input: 'GET whose `Accept` lacks `text/event-stream`',
    era: '2025',
    status: 406,
    code: -32000,
    message: 'Not Acceptable: Client must accept text/event-stream',
    source: `${S2025}: Listening for Messages 2; SDK`,
    send: ({ session }) => ({
      method: 'GET',
      headers: { 'mcp-session-id': session, accept: 'application/json' },
    }),
  },
  {
    input: 'POST without `Accept`',
    era: 'both',
    status: 406,
    code: -32000,
    message: 'Not Acceptable: Client must accept both application/json and text/event-stream',
    source: `${S2025}, ${S2026}: Sending Messages 2; SDK`,
    send: ({ session }) => inSession(session, LIST, { accept: undefined }),
  },
  {
    input: 'POST whose `Accept` names one of the two types only',
    era: 'both',
    status: 406,
    code: -32000,
    message: 'Not Acceptable: Client must accept both application/json and text/event-stream',
    source: `${S2025}, ${S2026}: Sending Messages 2; SDK`,
    send: ({ session }) => inSession(session, LIST, { accept: 'application/json, */*' }),
  },
  {
    input: 'POST without `Content-Type`',
    era: 'both',
    status: 415,
    code: -32000,
    message: 'Unsupported Media Type: Content-Type must be application/json',
    source: 'RFC 9110 15.5.16; SDK',
    send: ({ session }) => inSession(session, LIST, { 'content-type': undefined }),
  },
  {
    input: 'POST of another `Content-Type`',
    era: 'both',
    status: 415,
    code: -32000,
    message: 'Unsupported Media Type: Content-Type must be application/json',
    source: 'RFC 9110 15.5.16; SDK',
    send: ({ session }) => inSession(session, LIST, { 'content-type': 'text/plain; a=application/json' }),
  },
  {
    input: '`Content-Type` twice',
    era: 'both',
    status: 415,
    code: -32000,
    message: 'Unsupported Media Type: Content-Type must be application/json',
    source: 'RFC 9110 5.3',
    send: ({ session }) => inSession(session, LIST, { 'content-type': ['application/json', 'text/plain'] }),
  },
  {
    input: 'Body over the limit (4 MiB), declared',
    era: 'both',
    status: 413,
    code: -32000,
    message: 'Payload Too Large: Request body must not exceed 4194304 bytes',
    headers: { connection: 'close' },
    source: 'RFC 9110 15.5.14; SDK',
    send: ({ session, limit }) => inSession(session, `"${'x'.repeat(limit)}"`),
  },
  {
    input: 'Body over the limit, in chunks',
    era: 'both',
    status: 413,
    code: -32000,
    message: 'Payload Too Large: Request body must not exceed 4194304 bytes',
    headers: { connection: 'close' },
    source: 'RFC 9110 15.5.14; SDK',
    send: ({ session, limit }) =>
      inSession(session, `"${'x'.repeat(limit)}"`, { 'transfer-encoding': 'chunked' }),
  },
  {
    input: 'Body that is no JSON',
    era: 'both',
    status: 400,
    code: -32700,
    message: 'Parse error: Invalid JSON',
    source: 'JSON-RPC 5.1; SDK',
    send: ({ session }) => inSession(session, '{"jsonrpc":'),
  },
  {
    input: 'Empty body',
    era: 'both',
    status: 400,
    code: -32700,
    message: 'Parse error: Invalid JSON',
    source: 'JSON-RPC 5.1; SDK',
    send: ({ session }) => inSession(session, ''),
  },
  {
    input: 'Body that is no UTF-8',
    era: 'both',
    status: 400,
    code: -32700,
    message: 'Parse error: the body is not valid UTF-8',
    source: `${S2025}: messages must be UTF-8`,
    send: ({ session }) => ({
      ...inSession(session, ''),
      body: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}', 'latin1'),
    }),
  },
  {
    input:
      'JSON that is no JSON-RPC message (also: unknown members, `id: null`, `params` that are no object)',
    era: 'both',
    status: 400,
    code: -32600,
    message: 'Bad Request: the request body is not a valid JSON-RPC message',
    id: 1,
    source: 'JSON-RPC 4; SDK',
    send: ({ session }) => inSession(session, { ...LIST, more: 1 }),
  },
  {
    input: 'Empty array',
    era: '2025',
    status: 400,
    code: -32600,
    message: 'Bad Request: empty JSON-RPC batch',
    source: 'JSON-RPC 6; SDK',
    send: ({ session }) => inSession(session, []),
  },
  {
    input: 'Array with an invalid message',
    era: '2025',
    status: 400,
    code: -32600,
    message: 'Bad Request: JSON-RPC batch contains an invalid message',
    source: 'SDK',
    send: ({ session }) => inSession(session, [LIST, { id: 2 }]),
  },
  {
    input: 'Array of more than 100 messages',
    era: '2025',
    status: 400,
    code: -32600,
    message: 'Invalid Request: Batch must not exceed 100 messages',
    source: 'SDK',
    send: ({ session }) =>
      inSession(
        session,
        Array.from({ length: 101 }, () => LIST),
      ),
  },
  {
    input: 'Array with an `initialize`',
    era: '2025',
    status: 400,
    code: -32600,
    message: 'Invalid Request: Only one initialization request is allowed',
    source: '2025-03-26 lifecycle; SDK',
    send: () => ({ body: JSON.stringify([INITIALIZE]) }),
  },
  {
    input: 'Array with a message of revision 2026-07-28',
    era: '2026',
    status: 400,
    code: -32600,
    message:
      'Bad Request: JSON-RPC batches may not contain requests for protocol revision 2026-07-28 or later',
    source: `${S2026}: Sending Messages 4; SDK`,
    send: () => modern([call()]),
  },
  {
    input: 'Request or notification without `Mcp-Session-Id`',
    era: '2025',
    status: 400,
    code: -32000,
    message: 'Bad Request: Mcp-Session-Id header is required',
    id: 1,
    source: `${S2025}: Session Management 2; SDK`,
    send: () => ({ body: JSON.stringify(LIST) }),
  },
  {
    input: 'JSON-RPC response without a session',
    era: '2026',
    status: 400,
    code: -32000,
    message: 'Bad Request: Mcp-Session-Id header is required',
    source: `${S2026}: Sending Messages 4`,
    send: () => modern({ jsonrpc: '2.0', id: 1, result: {} }),
  },
  {
    input: 'Unknown or ended session (POST)',
    era: '2025',
    status: 404,
    code: -32001,
    message: 'Session not found',
    id: 1,
    source: `${S2025}: Session Management 3; SDK`,
    send: () => inSession('nobody', LIST),
  },
  {
    input: 'Unknown or ended session (GET)',
    era: '2025',
    status: 404,
    code: -32001,
    message: 'Session not found',
    source: `${S2025}: Session Management 3; SDK`,
    send: () => ({ method: 'GET', headers: { 'mcp-session-id': 'nobody' } }),
  },
  {
    input: 'Unknown or ended session (DELETE)',
    era: '2025',
    status: 404,
    code: -32001,
    message: 'Session not found',
    source: `${S2025}: Session Management 3; SDK`,
    send: () => ({ method: 'DELETE', headers: { 'mcp-session-id': 'nobody' } }),
  },
  {
    input: '`Mcp-Session-Id` twice',
    era: '2025',
    status: 404,
    code: -32001,
    message: 'Session not found',
    id: 1,
    source: 'RFC 9110 5.3; SDK',
    send: ({ session }) => inSession(session, LIST, { 'mcp-session-id': [session, session] }),
  },
  {
    input: '`initialize` in a session',
    era: '2025',
    status: 400,
    code: -32600,
    message: 'Invalid Request: Server already initialized',
    id: 1,
    source: '2025-11-25 lifecycle; SDK',
    send: ({ session }) => inSession(session, INITIALIZE),
  },
  {
    input: 'A session, and an `MCP-Protocol-Version` that no session can have',
    era: '2025',
    status: 400,
    code: -32000,
    message:
      'Bad Request: Unsupported protocol version: 2001-01-01 (supported versions: 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05, 2024-10-07)',
    id: 1,
    source: `${S2025}: Protocol Version Header; SDK`,
    send: ({ session }) => inSession(session, LIST, { 'mcp-protocol-version': '2001-01-01' }),
  },
  {
    input: '`Last-Event-ID` that is none of ours',
    era: '2025',
    status: 400,
    code: -32000,
    message: 'Bad Request: no event of this session has this Last-Event-ID',
    source: 'SDK',
    send: ({ session }) => ({ method: 'GET', headers: { 'mcp-session-id': session, 'last-event-id': '1' } }),
  },
  {
    input: '`Last-Event-ID` of another session',
    era: '2025',
    status: 400,
    code: -32000,
    message: 'Bad Request: no event of this session has this Last-Event-ID',
    source: `${S2025}: Resumability 2`,
    send: ({ node, session, otherSession }) => {
      const prefix = node.eventLog.idPrefix(otherSession, 1, undefined);
      return { method: 'GET', headers: { 'mcp-session-id': session, 'last-event-id': `${prefix}1` } };
    },
  },
  {
    input: '`Last-Event-ID` at the end of a POST’s stream that is over',
    era: '2025',
    status: 405,
    code: -32000,
    message: 'Method not allowed: the stream of this event id has ended, and all of it was delivered.',
    headers: { allow: 'POST, DELETE' },
    source: `${S2025}: Listening for Messages 3`,
    send: ({ node, session }) => {
      const answer = Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}');
      const stream = node.eventLog.nextNumber();
      const event = node.eventLog.append(session, stream, 'answer', answer);
      const id = `${node.eventLog.idPrefix(session, stream, [1])}${event.toString(36)}`;
      return { method: 'GET', headers: { 'mcp-session-id': session, 'last-event-id': id } };
    },
  },
  {
    input: '`initialize` with a modern `MCP-Protocol-Version`',
    era: 'both',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: an initialize request was sent with a modern MCP-Protocol-Version header',
    id: 1,
    source: `${S2026}: Server Validation; SDK`,
    send: () => ({ headers: { 'mcp-protocol-version': '2026-07-28' }, body: JSON.stringify(INITIALIZE) }),
  },
  {
    input: 'Envelope in `_meta` that lacks a required member or has a wrong one',
    era: '2026',
    status: 400,
    code: -32602,
    message:
      'Invalid _meta envelope for protocol revision 2026-07-28: io.modelcontextprotocol/clientCapabilities: missing',
    id: 1,
    source: '2026-07-28 basic: _meta; SDK',
    send: () => modern(call({ _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } })),
  },
  {
    input: 'Modern `MCP-Protocol-Version`, no envelope',
    era: '2026',
    status: 400,
    code: -32602,
    message:
      'Invalid params: the MCP-Protocol-Version header names protocol revision 2026-07-28, but the request is missing the required per-request envelope key(s): _meta',
    id: 1,
    source: '2026-07-28 basic: _meta; SDK',
    send: () => modern(LIST),
  },
  {
    input: '`MCP-Protocol-Version` is not the one of the body',
    era: '2026',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: the body names protocol version 2026-07-28 but the MCP-Protocol-Version header names 2025-11-25',
    id: 1,
    source: `${S2026}: Protocol Version Header`,
    send: () => modern(call(), { 'mcp-protocol-version': '2025-11-25' }),
  },
  {
    input: 'A revision without sessions that is not 2026-07-28',
    era: '2026',
    status: 400,
    code: -32022,
    message: 'Unsupported protocol version: 2099-01-01',
    id: 1,
    source: `${S2026}: Protocol Version Header`,
    send: () =>
      modern(call({ _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } }), {
        'mcp-protocol-version': '2099-01-01',
      }),
  },
  {
    input: 'No `MCP-Protocol-Version`',
    era: '2026',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: the required MCP-Protocol-Version header is absent',
    id: 1,
    source: `${S2026}: Server Validation`,
    send: () => modern(call(), { 'mcp-protocol-version': undefined }),
  },
  {
    input: 'No `Mcp-Method`',
    era: '2026',
    status: 400,
    code: -32020,
    message: 'Bad Request: the request headers and body disagree: the required Mcp-Method header is absent',
    id: 1,
    source: `${S2026}: Standard Request Headers`,
    send: () => modern(call(), { 'mcp-method': undefined }),
  },
  {
    input: '`Mcp-Method` is not the method',
    era: '2026',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: the body names method tools/call but the Mcp-Method header names tools/list',
    id: 1,
    source: `${S2026}: Server Validation`,
    send: () => modern(call(), { 'mcp-method': 'tools/list' }),
  },
  {
    input: 'No `Mcp-Name`',
    era: '2026',
    status: 400,
    code: -32020,
    message: 'Bad Request: the request headers and body disagree: the required Mcp-Name header is absent',
    id: 1,
    source: `${S2026}: Standard Request Headers`,
    send: () => modern(call(), { 'mcp-name': undefined }),
  },
  {
    input: '`Mcp-Name` is not the name, URI or task id',
    era: '2026',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: the body has params.name "note_get", the Mcp-Name header has another',
    id: 1,
    source: `${S2026}: Server Validation`,
    send: () => modern(call(), { 'mcp-name': 'note_add' }),
  },
  {
    input: '`Mcp-Name` in broken Base64',
    era: '2026',
    status: 400,
    code: -32020,
    message:
      'Bad Request: the request headers and body disagree: the Mcp-Name header is not valid Base64 of UTF-8',
    id: 1,
    source: `${S2026}: Value Encoding`,
    send: () => modern(call(), { 'mcp-name': '=?base64?#?=' }),
  },
  {
    input: 'More requests in flight than the node takes',
    era: 'both',
    status: 503,
    code: 1006,
    message: 'Too many requests are in flight on this node; try again shortly.',
    headers: { 'retry-after': '1' },
    id: 1,
    source: 'RFC 9110 15.6.4; docs/errors.md',
    send: ({ node, session }) => {
      node.gateway.accepting = false;
      return inSession(session, LIST);
    },
  },
  {
    input: '`Expect` other than `100-continue`',
    era: 'both',
    status: 417,
    source: 'RFC 9110 10.1.1; Node',
    send: () =>
      head(
        'POST /mcp HTTP/1.1',
        'Host: localhost',
        'Expect: wonders',
        'Connection: close',
        'Content-Length: 0',
      ),
  },
  {
    input: 'Head over 16 KiB',
    era: 'both',
    status: 431,
    source: 'RFC 6585 5; Node',
    send: () => head('POST /mcp HTTP/1.1', 'Host: localhost', `X-Long: ${'x'.repeat(17 * 1024)}`),
  },
  {
    input: 'Head or body that does not arrive in time',
    era: 'both',
    status: 408,
    source: 'RFC 9110 15.5.9; Node',
    send: () => ({ bytes: 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n' }),
  },
  {
    input: 'What is no HTTP',
    era: 'both',
    status: 400,
    source: 'RFC 9112; Node',
    send: () => ({ bytes: 'hello\r\n\r\n' }),
  },
];

export function tableOf(rows: readonly BadInput[]): string {
  const lines = rows.map(({ input, era, status, code, message, headers, source }) => {
    const extra = Object.entries(headers ?? {}).map(([name, value]) => `; \`${name}: ${value}\``);
    return `| ${input} | ${era} | ${status}${extra.join('')} | ${code ?? ''} | ${message ?? ''} | ${source} |`;
  });
  return [
    '| input | revisions | HTTP status | JSON-RPC code | message | source |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
