/** POST and DELETE of the revisions with sessions. */
import { describe, expect, test } from 'vitest';
import { answer, json, progress } from './fake-gateway.ts';
import { start, until } from './node-under-test.ts';

const initialize = (protocolVersion = '2025-11-25') => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } },
});
const call = (id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'x' },
});
const hang = () => {};

describe('initialize', () => {
  test('opens a session and names it', async () => {
    const node = await start();
    const reply = await node.post(undefined, initialize());
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    const session = reply.headers['mcp-session-id']!;
    expect(node.gateway.sessions.has(session)).toBe(true);
    expect((await node.post(session, call())).json).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { method: 'tools/call' },
    });
  });

  test('that fails names none', async () => {
    const node = await start();
    const error = { code: -32602, message: 'no' };
    node.gateway.onRequest = ({ exchange }) => exchange.respond(json({ jsonrpc: '2.0', id: 0, error }), 200);
    const reply = await node.post(undefined, initialize());
    expect(reply.json.error).toEqual(error);
    expect(reply.headers['mcp-session-id']).toBeUndefined();
  });

  test('with something related first is a stream that names the session', async () => {
    const node = await start();
    node.gateway.onRequest = (request) => {
      request.exchange.related(progress(1));
      node.gateway.initialize(request);
    };
    const events = await node.events({ body: JSON.stringify(initialize()) });
    expect(events.res.headers['mcp-session-id']).toBe([...node.gateway.sessions.keys()][0]);
    expect((await events.message()).json.method).toBe('notifications/progress');
    expect((await events.message()).json.id).toBe(0);
    await events.end();
  });
});

describe('a request', () => {
  test('is handed on as it came, and answered in JSON', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const raw = '{ "id": "a",\n "jsonrpc":"2.0", "method":"tools/call" , "params":{"text":"ünï"}}';
    const reply = await node.post(id, raw);
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({ jsonrpc: '2.0', id: 'a', result: { method: 'tools/call' } });
    expect(node.gateway.calls[0]?.raw).toBe(raw);
    expect(node.gateway.calls[0]?.session?.id).toBe(id);
  });

  test('with something related first is answered as a stream', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.onRequest = (request) => {
      request.exchange.related(progress(1));
      request.exchange.related(Buffer.from('{"jsonrpc":"2.0",\r\n"method":"a"}'));
      answer(request, { ok: true });
    };
    const events = await node.events({ headers: { 'mcp-session-id': id }, body: JSON.stringify(call()) });
    expect(events.res.headers['content-type']).toBe('text/event-stream');
    expect(events.res.headers['cache-control']).toBe('no-cache, no-transform');
    expect(events.res.headers['x-accel-buffering']).toBe('no');
    const priming = await events.next();
    expect(priming.id).toBeTruthy();
    expect(priming).toMatchObject({ retry: '1500', data: '' });
    expect((await events.message()).json).toEqual(JSON.parse(progress(1).toString()));
    expect((await events.message()).json, 'line breaks in JSON').toEqual({ jsonrpc: '2.0', method: 'a' });
    expect((await events.message()).json).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
    await events.end();
  });

  test('of a revision before 2025-11-25 gets no event without data', async () => {
    const node = await start();
    const { id } = node.gateway.addSession('2025-06-18');
    node.gateway.onRequest = ({ exchange }) => exchange.related(progress(1));
    const events = await node.events({ headers: { 'mcp-session-id': id }, body: JSON.stringify(call()) });
    expect(await events.next()).toEqual({ retry: '1500' });
    expect(await events.next()).toMatchObject({
      id: expect.any(String),
      data: expect.stringContaining('progress'),
    });
  });

  test('goes on when its client goes away', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.onRequest = hang;
    const gone = node
      .events({ headers: { 'mcp-session-id': id }, body: JSON.stringify(call()) })
      .catch(() => 'gone');
    await until(() => node.gateway.calls.length === 1, 'the call');
    node.agent.destroy();
    await gone;
    await until(() => node.transport.connections === 0, 'the connection to be gone');
    expect(node.gateway.abandoned).toEqual([]);
    const { exchange } = node.gateway.call(1);
    exchange.related(progress(1));
    exchange.respond(json({ jsonrpc: '2.0', id: 1, result: {} }), 200);
    expect(node.transport.streams).toBe(0);
  });

  test('that its client cancelled ends without an answer', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.onRequest = ({ exchange }) => exchange.cancelled();
    const reply = await node.post(id, call());
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' }, text: '' });
  });

  test('that is cancelled while its client waits ends without an answer, and its connection goes on', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.onRequest = hang;
    const reply = node.post(id, call());
    await until(() => node.gateway.calls.length === 1, 'the call');
    node.gateway.call(1).exchange.cancelled();
    expect(await reply).toMatchObject({ status: 200, text: '' });
    node.gateway.onRequest = (request) => answer(request, { next: true });
    expect((await node.post(id, call(2))).json.result).toEqual({ next: true });
    expect(node.transport.connections).toBe(1);
    expect(node.transport.streams).toBe(0);
  });

  test('that is cancelled after its client has gone concerns nobody', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.onRequest = hang;
    const gone = node.post(id, call()).catch(() => 'gone');
    await until(() => node.gateway.calls.length === 1, 'the call');
    node.agent.destroy();
    expect(await gone).toBe('gone');
    await until(() => node.transport.connections === 0, 'the connection to be gone');
    node.gateway.call(1).exchange.cancelled();
    expect(node.transport.streams).toBe(0);
  });

  test('of a session that ends meanwhile is answered 404', async () => {
    const node = await start();
    const session = node.gateway.addSession();
    node.gateway.onRequest = hang;
    const reply = node.post(session.id, call());
    await until(() => node.gateway.calls.length === 1, 'the call');
    expect((await node.send({ method: 'DELETE', headers: { 'mcp-session-id': session.id } })).status).toBe(
      200,
    );
    expect(await reply).toMatchObject({ status: 404, json: { id: 1, error: { code: -32001 } } });
    expect((await node.post(session.id, call())).status).toBe(404);
  });
});

describe('a notification or response', () => {
  test.each([
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 5, result: {} },
    { jsonrpc: '2.0', id: 5, error: { code: 1, message: 'no' } },
  ])('is handed on and answered 202, even if the node is full: %j', async (message) => {
    const node = await start();
    const { id } = node.gateway.addSession();
    node.gateway.accepting = false;
    const reply = await node.post(id, message);
    expect(reply).toMatchObject({ status: 202, text: '' });
    expect(node.gateway.oneWays).toMatchObject([{ session: { id }, message, raw: JSON.stringify(message) }]);
  });

  test('an error that answers nothing is dropped', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const reply = await node.post(id, { jsonrpc: '2.0', error: { code: 1, message: 'no' } });
    expect(reply.status).toBe(202);
    expect(node.gateway.oneWays).toEqual([]);
  });
});

describe('large and slow', () => {
  test('a body of the limit is taken, in many chunks', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const padding = 'x'.repeat(4 * 1024 * 1024 - JSON.stringify({ ...call(), params: { a: '' } }).length);
    const reply = await node.post(id, { ...call(), params: { a: padding } });
    expect(reply.status).toBe(200);
    expect(node.gateway.calls[0]?.raw).toHaveLength(4 * 1024 * 1024);
  });

  test('a body over the limit is not asked for', async () => {
    const node = await start();
    const socket = node.raw();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\n' +
        'Content-Type: application/json\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n',
    );
    await until(() => text.includes('\r\n\r\n'), 'an answer');
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    await until(() => socket.destroyed || socket.readableEnded, 'the end');
    socket.destroy();
  });

  test('a body that is held back is asked for', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const body = JSON.stringify(call());
    const socket = node.raw();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nMcp-Session-Id: ${id}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await until(() => text.includes('100 Continue\r\n\r\n'), 'to be asked');
    socket.write(body);
    await until(() => text.includes('"result"'), 'the answer');
    socket.destroy();
  });

  test('a body that breaks off reaches nobody', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const socket = node.raw();
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nMcp-Session-Id: ${id}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"jsonrpc":"2.0"',
    );
    await until(() => node.transport.connections === 1, 'the connection');
    socket.destroy();
    await until(() => node.transport.connections === 0, 'the connection to be gone');
    expect(node.gateway.calls).toEqual([]);
    expect((await node.post(id, call())).status).toBe(200);
  });
});

test('hosts, bind address and origins that are allowed may call', async () => {
  const node = await start({
    allowedHosts: ['mcp.example'],
    allowedOrigins: ['https://app.example', 'other.example'],
  });
  const { id } = node.gateway.addSession();
  const { port } = node.transport.address;
  for (const host of [`127.0.0.1:${port}`, 'localhost', 'LOCALHOST:1', '[::1]:80', 'mcp.example:443']) {
    expect((await node.post(id, call(), { host })).status, host).toBe(200);
  }
  for (const origin of ['http://localhost:3000', 'https://app.example', 'http://other.example:1']) {
    expect((await node.post(id, call(), { origin })).status, origin).toBe(200);
  }
  for (const host of ['evil@localhost', 'localhost.evil.example', 'localhost.']) {
    expect((await node.post(id, call(), { host })).status, host).toBe(403);
  }
  expect((await node.post(id, call(), { origin: 'http://app.example' })).status, 'another scheme').toBe(403);
});
