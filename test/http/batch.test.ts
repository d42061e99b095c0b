/** A POST with an array of messages, as revision 2025-03-26 has it. */
import { expect, test } from 'vitest';
import { answer, progress } from './fake-gateway.ts';
import { start, until } from './node-under-test.ts';

const call = (id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'x' },
});
const batch = [call(1), { jsonrpc: '2.0', method: 'notifications/x' }, call(2)];

test('is answered with an array of the answers', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  const reply = await node.post(id, batch);
  expect(reply.status).toBe(200);
  const result = { method: 'tools/call' };
  expect(reply.json).toEqual([
    { jsonrpc: '2.0', id: 1, result },
    { jsonrpc: '2.0', id: 2, result },
  ]);
  expect(node.gateway.calls.map(({ raw }) => JSON.parse(raw))).toEqual([call(1), call(2)]);
  expect(node.gateway.oneWays).toHaveLength(1);
});

test('is answered on one stream if something related comes', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  node.gateway.onRequest = (request) => {
    if (request.message.id === 2) request.exchange.related(progress(1));
    answer(request, { n: request.message.id });
  };
  const events = await node.events({ headers: { 'mcp-session-id': id }, body: JSON.stringify(batch) });
  expect((await events.message()).json).toMatchObject({ id: 1, result: { n: 1 } });
  expect((await events.message()).json).toMatchObject({ method: 'notifications/progress' });
  expect((await events.message()).json).toMatchObject({ id: 2, result: { n: 2 } });
  await events.end();
});

test('without requests is answered 202', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  expect(await node.post(id, [batch[1]])).toMatchObject({ status: 202, text: '' });
});

test('leaves cancelled requests out', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  node.gateway.onRequest = (request) =>
    request.message.id === 1 ? request.exchange.cancelled() : answer(request, {});
  expect((await node.post(id, batch)).json).toEqual([{ jsonrpc: '2.0', id: 2, result: {} }]);
});

test('all of whose requests were cancelled ends without an answer', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  node.gateway.onRequest = ({ exchange }) => exchange.cancelled();
  expect(await node.post(id, batch)).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    text: '',
  });
  expect(node.transport.streams).toBe(0);
});

test('on a stream ends it once the rest is answered, whatever was cancelled', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  node.gateway.onRequest = ({ exchange }) => exchange.related(progress(1));
  const events = await node.events({ headers: { 'mcp-session-id': id }, body: JSON.stringify(batch) });
  for (let n = 0; n < 2; n += 1) expect((await events.message()).json.method).toBe('notifications/progress');
  node.gateway.call(1).exchange.cancelled();
  answer(node.gateway.call(2), { ok: true });
  expect((await events.message()).json).toEqual({ jsonrpc: '2.0', id: 2, result: { ok: true } });
  await expect(events.message()).rejects.toThrow('the stream ended');
});

test('of a session that ends meanwhile is answered 404, once', async () => {
  const node = await start();
  const { id } = node.gateway.addSession('2025-03-26');
  node.gateway.onRequest = (request) => {
    if (request.message.id === 1) answer(request, {});
  };
  const reply = node.post(id, [...batch, call(3)]);
  await until(() => node.gateway.calls.length === 3, 'the calls');
  expect((await node.send({ method: 'DELETE', headers: { 'mcp-session-id': id } })).status).toBe(200);
  expect(await reply).toMatchObject({ status: 404, json: { error: { code: -32001 } } });
});
