import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INITIALIZE, META } from './support/bridge-process.ts';
import { TestHost } from './support/host.ts';
import { until } from './support/wait.ts';

let host: TestHost;

beforeEach(async () => {
  host = new TestHost();
  await host.start();
});

afterEach(() => host.end());

describe('hostile lines', () => {
  it('are answered with an error each, and nothing stops', async () => {
    const bridge = host.bridge({ TEST_MAX_LINE_BYTES: '10000' });
    await bridge.initialize();
    const big = 'x'.repeat(20_000);
    bridge.write('{\n\n[1]\n"x"\n\u0000\u0001\n');
    bridge.child.stdin.write(Buffer.from([0xff, 0xfe, 0x0a]));
    bridge.call('big', 'mark', { text: big });
    bridge.write(`${big}\n`);
    bridge.write(`{"jsonrpc":"2.0","result":{"x":"${big}"},"id":"big"}\n`);
    bridge.call('good', 'mark', { text: 'good' });
    expect((await bridge.answer('good')).result).toBeDefined();
    const errors = bridge.received.filter(({ error }) => error).map(({ id, error }) => [id, error!.code]);
    expect(errors).toEqual([
      [null, -32700],
      [null, -32600],
      [null, -32600],
      [null, -32700],
      [null, -32700],
      ['big', -32600],
      [null, -32600],
      [null, -32600],
    ]);
    expect(bridge.find('big')?.error?.message).toContain('10000 bytes');
    expect(host.store.ran).toEqual(['good']);
    expect(bridge.garbage).toEqual([]);
    expect(host.lines).toEqual(['[INFO] Transport stdio connected']);
  });

  it('with an id that is in use are refused without taking the other request’s answer', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'first', ms: 300 });
    bridge.call(1, 'mark', { text: 'second' });
    expect((await bridge.answer(1)).result?.content?.[0]?.text).toBe('first');
    expect(bridge.received.map(({ id, error }) => [id, error?.code])).toEqual([
      ['init', undefined],
      [null, -32600],
      [1, undefined],
    ]);
    expect(host.store.ran).toEqual(['first']);
  });
});

describe('what the bridge writes', () => {
  it('is JSON-RPC on stdout and one line per message on stderr', async () => {
    await host.stop();
    const bridge = host.bridge({ TEST_OFFLINE_MS: '100' });
    bridge.call(1, 'mark', { text: 'x' });
    await bridge.answer(1);
    await host.start();
    await until('the bridge', () => bridge.stderr.includes('connected to the node'));
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(bridge.garbage).toEqual([]);
    const lines = bridge.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^erlmcp stdio: \S/);
  });

  it('names the limit of a socket path that is too long, and exits with 1', async () => {
    const bridge = host.bridge({ ERLMCP_HOME: `/tmp/${'x'.repeat(120)}` });
    expect(await bridge.exit).toBe(1);
    expect(bridge.stderr).toMatch(/^erlmcp stdio: \{socket_path_too_long, .*\n$/);
  });
});

describe('the end', () => {
  it('comes with stdin’s: what is in flight is answered, then the session ends', async () => {
    const bridge = host.bridge({ TEST_DRAIN_MS: '20000' });
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'a', ms: 300 });
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(bridge.find(1)?.result).toBeDefined();
    expect(host.store.ended.map(({ reason }) => reason)).toEqual(['its client has gone']);
    expect(host.transport!.connections()).toBe(0);
    expect(host.transport!.sessions()).toBe(0);
  });

  it('does not wait for long calls, and answers them as of unknown outcome', async () => {
    const bridge = host.bridge({ TEST_DRAIN_MS: '200' });
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'a', ms: 60_000 });
    bridge.call(2, 'mark', { text: 'b', ms: 60_000 }, META);
    await until('both to run', () => host.store.ran.length === 2);
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(bridge.find(1)?.error?.code).toBe(1004);
    expect(host.gateway.abandoned).toEqual(['tools/call']);
    expect(host.gateway.inFlight).toBe(0);
  });

  it('does not wait for a subscription', async () => {
    const bridge = host.bridge({ TEST_DRAIN_MS: '600000' });
    bridge.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { _meta: META, notifications: { toolsListChanged: true } },
    });
    await until('the acknowledgement', () => bridge.received.some(({ method }) => method !== undefined));
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(host.gateway.abandoned).toEqual(['subscriptions/listen']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('comes with %s as with the end of stdin', async (signal) => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.child.kill(signal);
    expect(await bridge.exit).toBe(0);
    expect(host.store.ended).toHaveLength(1);
  });

  it('comes when the client reads no more', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.child.stdout.destroy();
    await until('the end', () => {
      bridge.call(crypto.randomUUID(), 'mark', { text: 'x' });
      return bridge.child.exitCode !== null;
    });
    expect(await bridge.exit).toBe(0);
    await until('the end of the session', () => host.store.ended.length === 1);
  });

  it('without a node answers what was sent to nobody', async () => {
    await host.stop();
    const bridge = host.bridge({ TEST_DRAIN_MS: '50' });
    bridge.send(INITIALIZE);
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(bridge.find('init')?.error?.code).toBe(1003);
  });
});
