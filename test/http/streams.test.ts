/** Streams of 2025 revisions, over broken connections, a restarted listener and a restarted node. */
import { describe, expect, test } from 'vitest';
import { answer, FakeGateway, json, progress } from './fake-gateway.ts';
import { type NodeUnderTest, openStore, type StartOptions, start, until } from './node-under-test.ts';

const call = (id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'x' },
});
const note = (n: number): Buffer => json({ jsonrpc: '2.0', method: 'notifications/message', params: { n } });
const emit = (node: NodeUnderTest, session: string, n: number): void =>
  node.gateway.sessions.get(session)?.sink?.emit(note(n));

/** A POST in this session whose call has sent one event and hangs. */
async function streaming(node: NodeUnderTest, session: string, id: string | number = 1) {
  node.gateway.onRequest = ({ exchange }) => exchange.related(progress(1));
  const events = await node.events({
    headers: { 'mcp-session-id': session },
    body: JSON.stringify(call(id)),
  });
  const priming = (await events.next()).id!;
  return { events, priming, first: (await events.message()).id! };
}

/** The same store under a new life of the node. */
async function startTwice(options: StartOptions = {}) {
  const events = openStore();
  const gateway = new FakeGateway();
  const session = gateway.addSession().id;
  const before = await start({ ...options, events, gateway });
  const after = async (): Promise<NodeUnderTest> => {
    await before.eventLog.flushed();
    return start({
      ...options,
      events,
      gateway: Object.assign(new FakeGateway(), { sessions: gateway.sessions }),
    });
  };
  return { session, before, after };
}

describe('a GET stream', () => {
  test('gets what belongs to no request', async () => {
    const node = await start({ keepAliveMs: 20 });
    const { id } = node.gateway.addSession();
    const events = await node.listen(id);
    expect(events.res.headers['content-type']).toBe('text/event-stream');
    expect(await events.next()).toMatchObject({ id: expect.any(String), retry: '1500', data: '' });
    emit(node, id, 1);
    expect((await events.message()).json).toEqual(JSON.parse(note(1).toString()));
    await until(() => events.comments.includes('keepalive'), 'a comment that keeps it open');
  });

  test('is resumed after the last event that was seen, with what came meanwhile', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const first = await node.listen(id);
    for (const n of [1, 2]) emit(node, id, n);
    const seen = await first.message();
    first.close();
    await until(() => node.transport.streams === 0, 'the stream to be gone');
    emit(node, id, 3);
    const second = await node.listen(id, seen.id);
    expect((await second.message()).json.params).toEqual({ n: 2 });
    expect((await second.message()).json.params).toEqual({ n: 3 });
    emit(node, id, 4);
    expect((await second.message()).json.params).toEqual({ n: 4 });
  });

  test('tells a client that resumes where it is, before anything came', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const first = await node.listen(id);
    const priming = (await first.next()).id!;
    first.close();
    const second = await node.listen(id, priming);
    expect((await second.next()).id).toBe(priming);
  });

  test('whose connection is taken over by another is closed', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const first = await node.listen(id);
    const priming = (await first.next()).id!;
    const second = await node.listen(id, priming);
    await first.end();
    emit(node, id, 1);
    expect((await second.message()).json.params).toEqual({ n: 1 });
    expect(node.transport.streams).toBe(1);
  });

  test('that is newer gets the messages; the older stays, and gets them again when it is alone', async () => {
    const node = await start({ limits: { streamsPerSession: 2 } });
    const { id } = node.gateway.addSession();
    const older = await node.listen(id);
    const newer = await node.listen(id);
    emit(node, id, 1);
    expect((await newer.message()).json.params).toEqual({ n: 1 });
    newer.close();
    await until(() => node.transport.streams === 1, 'the newer to be gone');
    emit(node, id, 2);
    expect((await older.message()).json.params, 'not the one that the other had').toEqual({ n: 2 });
    await node.listen(id);
    await node.listen(id);
    await older.end();
    expect(node.transport.streams).toBe(2);
  });

  test('keeps its session in use until the grace time is over, and can be resumed even then', async () => {
    const node = await start({ limits: { resumeGraceMs: 30 } });
    const session = node.gateway.addSession();
    const events = await node.listen(session.id);
    emit(node, session.id, 1);
    const seen = await events.message();
    emit(node, session.id, 2);
    events.close();
    await until(() => node.gateway.detached.includes(session.id), 'the session to be let go');
    expect(session.sink).toBeUndefined();
    const again = await node.listen(session.id, seen.id);
    expect((await again.message()).json.params).toEqual({ n: 2 });
    expect(session.sink).toBeDefined();
  });

  test('is resumed after the node was started again', async () => {
    const { session, before, after } = await startTwice();
    const events = await before.listen(session);
    emit(before, session, 1);
    const seen = await events.message();
    emit(before, session, 2);
    const node = await after();
    const again = await node.listen(session, seen.id);
    expect((await again.message()).json.params).toEqual({ n: 2 });
    emit(node, session, 3);
    const third = await again.message();
    expect(third.json.params).toEqual({ n: 3 });
    again.close();
    emit(node, session, 4);
    expect((await (await node.listen(session, third.id)).message()).json.params).toEqual({ n: 4 });
  });

  test('ends with its session, and its events are deleted', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const events = await node.listen(id);
    emit(node, id, 1);
    const seen = await events.message();
    const stream = node.eventLog.parseId(id, seen.id!)!.stream;
    expect(node.eventLog.read(id, stream)).toHaveLength(1);
    expect((await node.send({ method: 'DELETE', headers: { 'mcp-session-id': id } })).status).toBe(200);
    await events.end();
    expect(node.eventLog.read(id, stream)).toEqual([]);
  });
});

describe('the stream of a POST', () => {
  test('goes on where its client left it', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const { events, first } = await streaming(node, id);
    events.close();
    await until(() => node.transport.streams === 0, 'the stream to be gone');
    node.gateway.call(1).exchange.related(progress(2));
    const again = await node.listen(id, first);
    expect((await again.message()).json.params).toMatchObject({ progress: 2 });
    answer(node.gateway.call(1), { late: true });
    expect((await again.message()).json).toMatchObject({ id: 1, result: { late: true } });
    await again.end();
  });

  test('is not mixed with other streams of the session', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const { events, first } = await streaming(node, id, 1);
    events.close();
    const get = await node.listen(id);
    const other = await streaming(node, id, 2);
    emit(node, id, 1);
    answer(node.gateway.call(1), { of: 1 });
    answer(node.gateway.call(2), { of: 2 });
    const again = await node.listen(id, first);
    expect((await again.message()).json.result).toEqual({ of: 1 });
    await again.end();
    expect((await other.events.message()).json.result).toEqual({ of: 2 });
    expect((await get.message()).json.params).toEqual({ n: 1 });
  });

  test('that ended while nobody was there gives its answer, and then is over', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const { events, priming } = await streaming(node, id);
    events.close();
    answer(node.gateway.call(1), { late: true });
    const again = await node.listen(id, priming);
    expect((await again.message()).json.method).toBe('notifications/progress');
    const last = await again.message();
    expect(last.json.result).toEqual({ late: true });
    await again.end();
    const over = await node.send({
      method: 'GET',
      headers: { 'mcp-session-id': id, 'last-event-id': last.id },
    });
    expect(over.status).toBe(405);
  });

  test('whose request was cancelled is over', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const { events, first } = await streaming(node, id);
    node.gateway.call(1).exchange.cancelled();
    await events.end();
    const over = await node.send({
      method: 'GET',
      headers: { 'mcp-session-id': id, 'last-event-id': first },
    });
    expect(over.status).toBe(405);
  });

  test('ends with its session, and is not to be resumed', async () => {
    const node = await start();
    const { id } = node.gateway.addSession();
    const { events, first } = await streaming(node, id);
    expect((await node.send({ method: 'DELETE', headers: { 'mcp-session-id': id } })).status).toBe(200);
    await expect(events.message()).rejects.toThrow('the stream ended');
    const gone = await node.send({
      method: 'GET',
      headers: { 'mcp-session-id': id, 'last-event-id': first },
    });
    expect(gone).toMatchObject({ status: 404, json: { error: { code: -32001 } } });
  });

  test('whose request was in flight when the node died says that the outcome is unknown', async () => {
    const { session, before, after } = await startTwice();
    const { first } = await streaming(before, session, 'r-1');
    const node = await after();
    const again = await node.listen(session, first);
    const last = await again.message();
    expect(last.json).toMatchObject({
      id: 'r-1',
      error: { code: 1004, data: { code: 'node_lost', outcome: 'unknown' } },
    });
    await again.end();
    const over = await node.send({
      method: 'GET',
      headers: { 'mcp-session-id': session, 'last-event-id': last.id },
    });
    expect(over.status).toBe(405);
  });

  test('whose answer was kept gives it after the node was started again', async () => {
    const { session, before, after } = await startTwice();
    const { first } = await streaming(before, session);
    answer(before.gateway.call(1), { kept: true });
    const again = await (await after()).listen(session, first);
    expect((await again.message()).json.result).toEqual({ kept: true });
    await again.end();
  });

  test('says of a batch which of its requests were lost', async () => {
    const { session, before, after } = await startTwice();
    before.gateway.onRequest = (request) => {
      request.exchange.related(progress(1));
      if (request.message.id === 1) answer(request, { kept: true });
    };
    const batch = JSON.stringify([call(1), call('2')]);
    const events = await before.events({ headers: { 'mcp-session-id': session }, body: batch });
    const { id } = await events.message();
    const again = await (await after()).listen(session, id);
    expect((await again.message()).json).toMatchObject({ id: 1, result: { kept: true } });
    expect((await again.message()).json.method).toBe('notifications/progress');
    expect((await again.message()).json).toMatchObject({ id: '2', error: { code: 1004 } });
    await again.end();
  });

  test('whose answer was pushed out by the bound says that the outcome is unknown', async () => {
    const node = await start({ eventLimits: { events: 2 } });
    const { id } = node.gateway.addSession();
    const { events, first } = await streaming(node, id);
    events.close();
    answer(node.gateway.call(1), { gone: true });
    await node.listen(id);
    for (const n of [1, 2, 3]) emit(node, id, n);
    await node.eventLog.flushed();
    const again = await node.listen(id, first);
    expect((await again.message()).json).toMatchObject({
      id: 1,
      error: { code: 1004, data: { outcome: 'unknown' } },
    });
  });
});
