/** The listener: started, in use, restarted, stopped. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../src/errors/index.ts';
import { answer, json, progress } from './fake-gateway.ts';
import { HEADERS, call as modernCall } from './modern.ts';
import { type Reply, start, until } from './node-under-test.ts';

const call = (id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'x' },
});

test('a port in use is named, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await until(() => other.listening, 'the other to listen');
  const { port } = other.address() as { port: number };
  const error = await start({ port }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OperatorError);
  expect((error as OperatorError).message).toBe(
    `{eaddrinuse, ${port}}: Another process listens on 127.0.0.1:${port}. Stop it, or set ERLMCP_HTTP_PORT to a free port.`,
  );
});

test('an address of another machine is named', async () => {
  const error = await start({ host: '192.0.2.1' }).catch((thrown: unknown) => thrown);
  expect((error as OperatorError).reason).toBe('{eaddrnotavail, 0}');
});

test('a restart keeps port, sessions, streams and requests in flight', async () => {
  const node = await start();
  const { gateway, transport } = node;
  const session = gateway.addSession();
  const { port } = transport.address;
  const get = await node.listen(session.id);
  const priming = (await get.next()).id!;
  gateway.onRequest = () => {};
  const inFlight: Promise<Reply> = node.post(session.id, call('json'));
  const post = await streamingPost();
  const modern = await modernStream();

  await transport.restart();

  expect(transport.address.port).toBe(port);
  await get.end();
  await post.events.end();
  session.sink?.emit(progress(2));
  answer(gateway.call('json'), { ok: 1 });
  expect((await inFlight).json.result, 'on its old connection').toEqual({ ok: 1 });
  const getAgain = await node.listen(session.id, priming);
  expect((await getAgain.message()).json.params).toMatchObject({ progress: 2 });
  const postAgain = await node.listen(session.id, post.seen);
  answer(gateway.call('stream'), { ok: 2 });
  expect((await postAgain.message()).json.result).toEqual({ ok: 2 });
  answer(gateway.call('modern'), { ok: 3 });
  expect((await modern.message()).json.result, 'on its old connection').toEqual({ ok: 3 });
  expect(gateway.abandoned).toEqual([]);
  gateway.onRequest = (request) => answer(request, { ok: 4 });
  expect((await node.post(session.id, call('new'))).json.result).toEqual({ ok: 4 });

  async function streamingPost() {
    const sent = { headers: { 'mcp-session-id': session.id }, body: JSON.stringify(call('stream')) };
    const reply = node.events(sent);
    await until(() => gateway.calls.some(({ message }) => message.id === 'stream'), 'the call');
    gateway.call('stream').exchange.related(progress(1));
    const events = await reply;
    return { events, seen: (await events.message()).id! };
  }

  async function modernStream() {
    const reply = node.events({ headers: HEADERS, body: JSON.stringify(modernCall({}, 'modern')) });
    await until(() => gateway.calls.some(({ message }) => message.id === 'modern'), 'the call');
    gateway.call('modern').exchange.related(progress(1));
    const events = await reply;
    await events.message();
    return events;
  }
});

test('restarted again and again it answers every request, on old connections and new ones', async () => {
  const node = await start();
  const { id } = node.gateway.addSession();
  let restarting = true;
  let answered = 0;
  const client = async (): Promise<void> => {
    while (restarting) {
      expect((await node.post(id, call(answered))).status).toBe(200);
      answered += 1;
    }
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  for (let round = 0; round < 20; round += 1) {
    const enough = answered + 10;
    await until(() => answered >= enough, 'answers');
    await node.transport.restart();
  }
  restarting = false;
  await clients;
});

test('after a restart an old connection is used once more', async () => {
  const node = await start();
  const { id } = node.gateway.addSession();
  await node.post(id, call());
  await node.transport.restart();
  expect((await node.post(id, call())).headers.connection).toBe('close');
  expect((await node.post(id, call())).headers.connection).toBe('keep-alive');
});

test('after a restart an old connection is used once more, also by a client that holds its body back', async () => {
  const node = await start();
  const { id } = node.gateway.addSession();
  const body = JSON.stringify(call());
  const socket = node.raw();
  let text = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('close', () => {
    closed = true;
  });
  await until(() => node.transport.connections === 1, 'the connection');
  await node.transport.restart();
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nMcp-Session-Id: ${id}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n${body}`,
  );
  await until(() => closed, 'the connection to be closed');
  expect(text).toMatch(/\r\nConnection: close\r\n[\s\S]*"result"/);
});

test('stopping ends streams, lets requests in flight finish, and cuts what is left', async () => {
  const node = await start();
  const session = node.gateway.addSession();
  const get = await node.listen(session.id);
  await get.next();
  node.gateway.onRequest = () => {};
  const finishing = node.post(session.id, call('a'));
  const cut = node.post(session.id, call('b')).catch((error: NodeJS.ErrnoException) => error.code);
  await until(() => node.gateway.calls.length === 2, 'the calls');
  const closing = node.transport.close(300);
  await get.end();
  node.gateway.call('a').exchange.respond(json({ jsonrpc: '2.0', id: 'a', result: {} }), 200);
  expect((await finishing).status).toBe(200);
  await closing;
  expect(await cut).toBe('ECONNRESET');
  expect(node.transport.connections).toBe(0);
  expect(node.gateway.detached).toEqual([session.id]);
  await expect(node.post(session.id, call('c'))).rejects.toThrow(/ECONNREFUSED/);
});
