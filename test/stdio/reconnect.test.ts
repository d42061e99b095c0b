import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INITIALIZE, META } from './support/bridge-process.ts';
import { TestHost } from './support/host.ts';
import { until } from './support/wait.ts';

let host: TestHost;

const startHost = async (limits = {}): Promise<void> => {
  host = new TestHost(limits);
  await host.start();
};

beforeEach(() => startHost());
afterEach(() => host.end());

const ran = (text: string): Promise<boolean> => until(`${text} to run`, () => host.store.ran.includes(text));

const textOf = (answer: { result?: { content?: { text: string }[] } }): string | undefined =>
  answer.result?.content?.[0]?.text;

describe('a socket that breaks while the host lives', () => {
  it('costs nothing: calls in flight are answered, once, and run once', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'old', ms: 500 });
    bridge.call(2, 'mark', { text: 'new', ms: 500 }, META);
    await ran('old');
    await ran('new');
    await host.transport!.restart();
    bridge.call(3, 'mark', { text: 'meanwhile' });
    for (const id of [1, 2, 3]) expect((await bridge.answer(id)).error).toBeUndefined();
    expect([...host.store.ran].sort()).toEqual(['meanwhile', 'new', 'old']);
    expect(host.store.ended).toEqual([]);
    expect(host.store.notified).toEqual(['initialized']);
  });

  it('however often: a stream of calls through a socket that is cut again and again', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    const calls = 300;
    for (let id = 0; id < calls; id++) {
      bridge.call(id, 'mark', { text: String(id) }, id % 2 ? META : undefined);
      if (id % 20 === 10) await host.transport!.restart();
    }
    await until('all answers', () => bridge.received.length >= calls + 1, 60_000);
    expect(bridge.received.filter(({ error }) => error)).toEqual([]);
    expect(new Set(bridge.received.map(({ id }) => id)).size).toBe(calls + 1);
    expect(bridge.received).toHaveLength(calls + 1);
    expect([...host.store.ran].map(Number).sort((a, b) => a - b)).toEqual([...Array(calls).keys()]);
  });

  it('keeps what the server says unasked', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    await until('initialized', () => host.store.notified.length > 0);
    await host.transport!.restart();
    expect(host.transport!.connections()).toBe(0);
    host.gateway.tellToolsChanged();
    await until('list_changed', () =>
      bridge.received.some(({ method }) => method === 'notifications/tools/list_changed'),
    );
  });

  it('is logged as the runbook has it, while an upgrade runs and only then', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    host.lines.length = 0;
    host.upgrading = true;
    await host.transport!.restart();
    host.upgrading = false;
    await until('the bridge', () => host.transport!.connections() === 1);
    expect(host.lines).toEqual([
      '[WARN] Transport stdio disconnected during upgrade',
      '[INFO] Re-establishing transport connection',
    ]);
    host.lines.length = 0;
    await host.transport!.restart();
    await until('the bridge', () => host.transport!.connections() === 1);
    expect(host.lines).toEqual(['[INFO] Transport stdio disconnected', '[INFO] Transport stdio connected']);
  });
});

describe('a node that restarts', () => {
  it('keeps the session; what was in flight has an unknown outcome, what waited runs once', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    const [session] = host.store.sessions.keys();
    bridge.call(1, 'mark', { text: 'lost', ms: 60_000 });
    bridge.call(2, 'mark', { text: 'lost too', ms: 60_000 }, META);
    await ran('lost');
    await ran('lost too');
    await host.stop();
    await until('the bridge to notice', () => bridge.stderr.includes('broke'));
    bridge.call(3, 'mark', { text: 'queued' });
    bridge.call(4, 'mark', { text: 'queued too' }, META);
    await host.start();
    for (const id of [1, 2])
      expect((await bridge.answer(id)).error).toMatchObject({
        code: 1004,
        data: { code: 'node_lost', outcome: 'unknown' },
      });
    expect(textOf(await bridge.answer(3))).toBe('queued');
    expect(textOf(await bridge.answer(4))).toBe('queued too');
    expect(host.store.ran).toEqual(['lost', 'lost too', 'queued', 'queued too']);
    expect([...host.store.sessions.keys()]).toEqual([session]);
    expect(host.transport!.sessions()).toBe(1);
    host.gateway.tellToolsChanged();
    await until('list_changed', () =>
      bridge.received.some(({ method }) => method === 'notifications/tools/list_changed'),
    );
  });

  it('is waited for from the start, and initialize with it', async () => {
    await host.stop();
    const bridge = host.bridge();
    bridge.send(INITIALIZE);
    await until('the bridge to try', () => bridge.stderr.includes('no node answers'));
    await host.start();
    expect((await bridge.answer('init')).result?.protocolVersion).toBe('2025-11-25');
  });

  it('does not get a call that the client has cancelled meanwhile', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    await host.stop();
    await until('the bridge to notice', () => bridge.stderr.includes('broke'));
    bridge.call(1, 'mark', { text: 'cancelled' });
    bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    bridge.call(2, 'mark', { text: 'wanted' });
    await host.start();
    await bridge.answer(2);
    expect(host.store.ran).toEqual(['wanted']);
    expect(bridge.answers(1)).toBe(0);
  });

  it('and has lost the session: the bridge opens another one like it, unseen by the client', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    await until('initialized', () => host.store.notified.length === 1);
    await host.stop();
    host.store.sessions.clear();
    await host.start();
    await until('another session', () => host.store.notified.length === 2);
    bridge.call(1, 'mark', { text: 'after' });
    expect(textOf(await bridge.answer(1))).toBe('after');
    expect(bridge.received.map(({ id }) => id)).toEqual(['init', 1]);
  });

  it('and has lost the session, and can not open it yet: the bridge goes on trying', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    await host.stop();
    await until('the bridge to notice', () => bridge.stderr.includes('broke'));
    host.store.sessions.clear();
    bridge.call(1, 'mark', { text: 'after' });
    await host.start({ code: 1002, message: 'no runner yet' });
    await until('the attempt', () => bridge.stderr.includes('opening it again'));
    host.gateway.initializeError = undefined;
    expect(textOf(await bridge.answer(1))).toBe('after');
  });

  it('and would open another session than the client had: it has to initialize', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    await host.stop();
    await until('the bridge to notice', () => bridge.stderr.includes('broke'));
    host.store.sessions.clear();
    bridge.call(1, 'mark', { text: 'before' });
    await host.start({ code: -32602, message: 'not this revision' });
    const lost = { code: 1005, data: { code: 'session_lost', outcome: 'not_run' } };
    expect((await bridge.answer(1)).error).toMatchObject(lost);
    bridge.call(2, 'mark', { text: 'after' });
    expect((await bridge.answer(2)).error).toMatchObject(lost);
    bridge.call(3, 'mark', { text: 'no session' }, META);
    expect(textOf(await bridge.answer(3))).toBe('no session');
    host.gateway.initializeError = undefined;
    bridge.send({ ...INITIALIZE, id: 'again' });
    expect((await bridge.answer('again')).result).toBeDefined();
    bridge.call(4, 'mark', { text: 'again' });
    expect(textOf(await bridge.answer(4))).toBe('again');
  });
});

describe('a session that ends while its client is connected', () => {
  it('answers what was in it, and is opened again for the next request', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'in it', ms: 60_000 });
    await ran('in it');
    const [id] = host.store.sessions.keys();
    await host.gateway.endSession(host.gateway.findSession(id!)!, 'test');
    expect((await bridge.answer(1)).error).toMatchObject({
      code: 1005,
      data: { code: 'session_lost', outcome: 'unknown' },
    });
    bridge.call(2, 'mark', { text: 'after' });
    expect(textOf(await bridge.answer(2))).toBe('after');
    expect(host.transport!.sessions()).toBe(1);
  });
});

describe('a node that stays away', () => {
  it('is answered for, by an error that names its home, until it is back', async () => {
    const bridge = host.bridge({ TEST_OFFLINE_MS: '3000' });
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'in flight', ms: 60_000 });
    await ran('in flight');
    await host.stop();
    await until('the bridge to notice', () => bridge.stderr.includes('broke'));
    bridge.call(2, 'mark', { text: 'queued' });
    expect((await bridge.answer(1)).error).toMatchObject({ code: 1004, data: { outcome: 'unknown' } });
    const unreachable = { code: 1003, data: { code: 'node_unreachable', outcome: 'not_run' } };
    expect((await bridge.answer(2)).error).toMatchObject(unreachable);
    expect(bridge.find(2)?.error?.message).toContain(host.home);
    bridge.call(3, 'mark', { text: 'refused' }, META);
    expect((await bridge.answer(3)).error).toMatchObject(unreachable);
    await host.start();
    await until('the bridge', () => host.transport!.connections() === 1);
    await until('the bridge to know', () => bridge.stderr.includes('connected to the node'));
    bridge.call(4, 'mark', { text: 'back' });
    expect(textOf(await bridge.answer(4))).toBe('back');
    expect(host.store.ran).toEqual(['in flight', 'back']);
  });

  it('is answered for at once where more waits than the bridge may keep', async () => {
    await host.stop();
    const bridge = host.bridge({ TEST_MAX_HELD_BYTES: '1000' });
    bridge.call(1, 'mark', { text: 'fits' }, META);
    bridge.call(2, 'mark', { text: 'x'.repeat(1_000) }, META);
    expect((await bridge.answer(2)).error).toMatchObject({ code: 1003 });
    await host.start();
    expect(textOf(await bridge.answer(1))).toBe('fits');
  });
});

describe('a bridge that is killed', () => {
  it('keeps its session for the time of grace, then the session ends', async () => {
    await host.end();
    await startHost({ graceMs: 300 });
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'listening', ms: 60_000 }, META);
    await ran('listening');
    await bridge.kill();
    await until('the host to notice', () => host.transport!.connections() === 0);
    expect(host.transport!.sessions()).toBe(1);
    await until('the end of the session', () => host.store.ended.length === 1);
    expect(host.store.ended[0]?.reason).toBe('its bridge has not come back');
    expect(host.transport!.sessions()).toBe(0);
    expect(host.gateway.abandoned).toEqual(['tools/call']);
    expect(host.gateway.inFlight).toBe(0);
  });
});

describe('a client that does not read', () => {
  it('is cut once too much is kept for it; its session goes on when it is back', async () => {
    await host.end();
    await startHost({ maxHeldBytes: 256 * 1024 });
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.child.stdout.pause();
    bridge.call(1, 'mark', { text: 'slow', ms: 60_000 });
    await ran('slow');
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x'.repeat(60_000) } };
    await until('the cut', () => {
      host.gateway.emitAll(note);
      return host.lines.some((line) => line.includes('it does not read'));
    });
    bridge.child.stdout.resume();
    expect((await bridge.answer(1)).error).toMatchObject({ code: 1004 });
    bridge.call(2, 'mark', { text: 'again' });
    expect(textOf(await bridge.answer(2))).toBe('again');
    expect(host.store.ended).toEqual([]);
    expect(host.transport!.sessions()).toBe(1);
  });

  it('may get one answer that is larger than the limit', async () => {
    await host.end();
    await startHost({ maxHeldBytes: 64 * 1024 });
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'repeat', { text: 'x', times: 4_000_000 });
    expect(textOf(await bridge.answer(1))).toHaveLength(4_000_000);
  });
});

describe('a node of another version', () => {
  it('that refuses the bridge is answered for with its reason', async () => {
    await host.stop();
    const refusing = createServer((socket) => {
      socket.on('error', () => {}).resume();
      const json = Buffer.from(JSON.stringify({ type: 'refused', reason: 'the node speaks version 9' }));
      const header = Buffer.alloc(16);
      header.writeUInt32LE(12 + json.length, 0);
      socket.end(Buffer.concat([header, json]));
    });
    await new Promise<void>((resolve) => refusing.listen(host.path, resolve));
    try {
      const bridge = host.bridge({ TEST_OFFLINE_MS: '500' });
      bridge.call(1, 'mark', { text: 'x' }, META);
      const { error } = await bridge.answer(1);
      expect(error).toMatchObject({ code: 1003 });
      expect(error?.message).toContain('the node speaks version 9');
    } finally {
      await new Promise((resolve) => refusing.close(resolve));
    }
  });
});

describe('whoever else connects', () => {
  const cut = async (write: Buffer | string, limits = {}): Promise<void> => {
    await host.end();
    await startHost(limits);
    const socket = connect(host.path);
    socket.on('error', () => {});
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(write);
    await closed;
    expect(host.lines).toEqual(['[WARN] A connection to the stdio socket was cut']);
    expect(host.transport!.connections()).toBe(0);
  };

  const frame = (kind: number, payload: string): Buffer => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(12 + payload.length, 0);
    header[4] = kind;
    return Buffer.concat([header, Buffer.from(payload)]);
  };

  it('is cut: garbage', () => cut('GET / HTTP/1.1\r\n\r\n'.repeat(10)));
  it('is cut: a frame over the limit', () => cut(Buffer.from([0xff, 0xff, 0xff, 0x7f])));
  it('is cut: a message before the hello', () => cut(frame(1, '{}')));
  it('is cut: no JSON in the hello', () => cut(frame(0, '{')));
  it('is cut: a hello that is none', () => cut(frame(0, '{"type":"hello","version":"1"}')));
  it('is cut: no hello in time', () => cut(Buffer.from([1]), { helloMs: 50 }));

  it('can not take the session of an HTTP client', async () => {
    host.store.sessions.set('web', {
      transport: 'http',
      protocolVersion: '2025-11-25',
      initialize: INITIALIZE,
    });
    const socket = connect(host.path);
    const hello = { type: 'hello', version: 1, pid: 1, received: 0, session: 'web' };
    socket.write(frame(0, JSON.stringify(hello)));
    const welcome = await new Promise<string>((resolve) =>
      socket.once('data', (chunk: Buffer) => resolve(chunk.subarray(16).toString())),
    );
    socket.destroy();
    expect(JSON.parse(welcome)).toMatchObject({ type: 'welcome', resumed: false });
    expect(JSON.parse(welcome)).not.toHaveProperty('session');
  });
});
