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
  if (row.code !== undefined) expect(reply.json).toMatchObject({ jsonrpc: '2.0', id: row.id ?? null });
  for (const [name, value] of Object.entries(row.headers ?? {})) expect(reply.headers[name]).toBe(value);
  expect(node.gateway.calls, 'nothing is routed').toEqual([]);
  expect(node.gateway.oneWays, 'nothing is routed').toEqual([]);
});

test('the table in docs/http.md is this one', () => {
  const doc = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
  const [, table] = /<!-- bad input -->\n\n([\s\S]*?)\n\n<!-- end -->/.exec(doc) ?? [];
  expect(table).toBe(tableOf(BAD_INPUTS));
});

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
