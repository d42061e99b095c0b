/** Revision 2026-07-28. */
import { expect, test } from 'vitest';
import { answer, json, progress } from './fake-gateway.ts';
import { call, HEADERS, META } from './modern.ts';
import { start, until } from './node-under-test.ts';

const listen = {
  jsonrpc: '2.0',
  id: 'l',
  method: 'subscriptions/listen',
  params: { notifications: { toolsListChanged: true }, _meta: META },
};
const listenHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };

test('a request has no session, whatever it says, and is answered in JSON', async () => {
  const node = await start();
  const reply = await node.send({
    headers: { ...HEADERS, 'mcp-session-id': 'old' },
    body: JSON.stringify(call()),
  });
  expect(reply.status).toBe(200);
  expect(reply.headers['mcp-session-id']).toBeUndefined();
  expect(reply.json).toEqual({ jsonrpc: '2.0', id: 1, result: { method: 'tools/call' } });
  expect(node.gateway.calls[0]?.session).toBeUndefined();
});

test('the status that the core gives is the answer’s', async () => {
  const node = await start();
  const error = { code: -32601, message: 'Method not found' };
  node.gateway.onRequest = ({ exchange }) => exchange.respond(json({ jsonrpc: '2.0', id: 1, error }), 404);
  const reply = await node.send({ headers: HEADERS, body: JSON.stringify(call()) });
  expect(reply).toMatchObject({ status: 404, json: { id: 1, error } });
});

test('a name in Base64 is read', async () => {
  const node = await start();
  const name = 'grüße';
  const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
  const reply = await node.send({
    headers: { ...HEADERS, 'mcp-name': encoded },
    body: JSON.stringify(call({ name })),
  });
  expect(reply.status).toBe(200);
});

test('the data of a refusal says what is supported', async () => {
  const node = await start();
  const meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2025-11-25' };
  const reply = await node.send({
    headers: { ...HEADERS, 'mcp-protocol-version': '2025-11-25' },
    body: JSON.stringify(call({ _meta: meta })),
  });
  expect(reply.json.error).toMatchObject({
    code: -32022,
    data: { supported: ['2026-07-28'], requested: '2025-11-25' },
  });
});

test('what is related comes first, on a stream without ids', async () => {
  const node = await start();
  node.gateway.onRequest = (request) => {
    request.exchange.related(progress(1));
    answer(request, { ok: true });
  };
  const events = await node.events({ headers: HEADERS, body: JSON.stringify(call()) });
  expect(await events.next()).toEqual({ data: progress(1).toString() });
  expect(await events.message()).toEqual({
    id: undefined,
    json: { jsonrpc: '2.0', id: 1, result: { ok: true } },
  });
  await events.end();
  expect(node.gateway.abandoned).toEqual([]);
});

test.each([true, false])(
  'a client that closes the response cancels the call (streaming: %s)',
  async (streaming) => {
    const node = await start();
    node.gateway.onRequest = ({ exchange }) => {
      if (streaming) exchange.related(progress(1));
    };
    const events = node.events({ headers: HEADERS, body: JSON.stringify(call()) });
    events.catch(() => {});
    await until(() => node.gateway.calls.length === 1, 'the call');
    if (streaming) (await events).close();
    else node.agent.destroy();
    await until(() => node.gateway.abandoned.length > 0, 'the call to be abandoned');
    expect(node.gateway.abandoned).toEqual([node.gateway.calls[0]?.inFlight]);
  },
);

test('a call that was answered is not abandoned when its connection closes', async () => {
  const node = await start();
  await node.send({ headers: { ...HEADERS, connection: 'close' }, body: JSON.stringify(call()) });
  await until(() => node.transport.connections === 0, 'the connection to be gone');
  expect(node.gateway.abandoned).toEqual([]);
});

test('subscriptions/listen stays open', async () => {
  const node = await start({ keepAliveMs: 20 });
  node.gateway.onRequest = ({ exchange }) =>
    exchange.related(json({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged' }));
  const events = await node.events({ headers: listenHeaders, body: JSON.stringify(listen) });
  expect((await events.message()).json.method).toBe('notifications/subscriptions/acknowledged');
  await until(() => events.comments.length > 1, 'comments that keep it open');
  node.gateway
    .call('l')
    .exchange.related(json({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
  expect((await events.message()).json.method).toBe('notifications/tools/list_changed');
  expect(node.transport.streams).toBe(1);
  answer(node.gateway.call('l'), {});
  expect((await events.message()).json.id).toBe('l');
  await events.end();
});

test('a client that closes the stream of subscriptions/listen has ended its subscription', async () => {
  const node = await start();
  node.gateway.onRequest = ({ exchange }) =>
    exchange.related(json({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged' }));
  const events = await node.events({ headers: listenHeaders, body: JSON.stringify(listen) });
  await events.message();
  events.close();
  await until(() => node.gateway.abandoned.length > 0, 'it to be abandoned');
  expect(node.gateway.abandoned).toEqual([node.gateway.call('l').inFlight]);
  expect(node.transport.streams).toBe(0);
});

test('notifications are handed on, but a cancellation has nobody to concern', async () => {
  const node = await start();
  const notification = (method: string) => ({
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
    body: JSON.stringify({ jsonrpc: '2.0', method, params: { requestId: 1 } }),
  });
  expect((await node.send(notification('notifications/cancelled'))).status).toBe(202);
  expect((await node.send(notification('notifications/custom'))).status).toBe(202);
  expect(node.gateway.oneWays.map(({ message }) => message.method)).toEqual(['notifications/custom']);
});
