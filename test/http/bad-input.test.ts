import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HTTP_LIMITS } from '../../src/host/transports/http/index.ts';
import { BAD_INPUTS, tableOf } from './bad-input.ts';
import { type NodeUnderTest, type Reply, start, until } from './node-under-test.ts';

test.each(BAD_INPUTS)('$era: $input: $status', async (row) => {
  const node = await start({ limits: { headersTimeoutMs: 500, requestTimeoutMs: 500 } });
  const session = node.gateway.addSession().id;
  const otherSession = node.gateway.addSession().id;
  const sent = row.send({ node, session, otherSession, limit: HTTP_LIMITS.bodyBytes });
  const reply = 'bytes' in sent ? await sendBytes(node, sent.bytes) : await node.send(sent);

  expect(reply.status).toBe(row.status);
  expect(reply.json.error?.code).toBe(row.code);
  expect(reply.json.error?.message).toBe(row.message);
  if (row.code !== undefined)
    expect(reply.json).toMatchObject({ jsonrpc: '2.0', id: expectedId(sent, row.code) });
  for (const [name, value] of Object.entries(row.headers ?? {})) expect(reply.headers[name]).toBe(value);
  expect(node.gateway.calls, 'nothing is routed').toEqual([]);
  expect(node.gateway.oneWays, 'nothing is routed').toEqual([]);
});

test('the table in docs/http.md is this one', () => {
  const doc = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
  const [, table] = /<!-- bad input -->\n\n([^]*?)\n\n<!-- end -->/.exec(doc) ?? [];
  expect(table).toBe(tableOf(BAD_INPUTS));
});

/** The request's own id wherever it could be read. */
function expectedId(sent: object, code: number): unknown {
  if (!('body' in sent) || code === -32700) return null;
  let body: { id?: unknown; method?: unknown };
  try {
    body = JSON.parse(String(sent.body));
  } catch {
    return null;
  }
  const beforeBody = code === -32000 && !refusedAfterBody(sent);
  return beforeBody || typeof body.method !== 'string' ? null : (body.id ?? null);
}

/** -32000 says of a request by its headers; those about sessions and versions come once the body was read. */
function refusedAfterBody(sent: {
  headers?: Record<string, unknown>;
  path?: string;
  method?: string;
}): boolean {
  const version = sent.headers?.['mcp-protocol-version'];
  return sent.headers === undefined || version === '2001-01-01';
}

async function sendBytes(node: NodeUnderTest, bytes: string): Promise<Reply> {
  const socket = node.raw();
  let text = '';
  let closed = false;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await until(() => closed, 'the connection to be closed');
  const [head, body] = text.split('\r\n\r\n') as [string, string];
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
  return { status, headers: {}, text: body, json: body.startsWith('{') ? JSON.parse(body) : {} };
}
