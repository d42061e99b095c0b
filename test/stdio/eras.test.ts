import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BRIDGE_MAIN, INITIALIZE, INITIALIZED, META } from './support/bridge-process.ts';
import { TestHost } from './support/host.ts';
import { until } from './support/wait.ts';

let host: TestHost;

beforeEach(async () => {
  host = new TestHost();
  await host.start();
});

afterEach(() => host.end());

const launch = (): { command: string; args: string[]; env: Record<string, string>; stderr: 'ignore' } => ({
  command: process.execPath,
  args: [BRIDGE_MAIN],
  env: { ERLMCP_HOME: host.home },
  stderr: 'ignore',
});

const info = { name: 'test', version: '1' };

describe('official clients over the bridge', () => {
  it('SDK v1: initializes, calls, is told list_changed, and its session ends when it closes', async () => {
    const client = new OldClient(info);
    let told = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told++);
    await client.connect(new OldTransport(launch()));
    const answer = await client.callTool({ name: 'mark', arguments: { text: 'v1' } });
    expect(answer.content).toEqual([{ type: 'text', text: 'v1' }]);
    expect(host.transport!.connections()).toBe(1);
    expect(host.transport!.sessions()).toBe(1);
    host.gateway.tellToolsChanged();
    await until('list_changed', () => told > 0);
    await client.close();
    expect(host.store.ended.map(({ reason }) => reason)).toEqual(['its client has gone']);
    expect(host.transport!.connections()).toBe(0);
    expect(host.store.notified).toEqual(['initialized']);
  });

  it('SDK v2 of 2026-07-28: discovers, calls, listens and cancels, without a session', async () => {
    const client = new ModernClient(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new ModernTransport(launch()));
    const answer = await client.callTool({ name: 'mark', arguments: { text: 'v2' } });
    expect(answer.content).toEqual([{ type: 'text', text: 'v2' }]);
    expect(host.transport!.sessions()).toBe(0);
    let told = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => void told++);
    const subscription = await client.listen({ toolsListChanged: true });
    host.gateway.tellToolsChanged();
    await until('list_changed', () => told > 0);
    await subscription.close();
    await until('the end of the subscription', () => host.gateway.abandoned.includes('subscriptions/listen'));
    const stop = new AbortController();
    const call = client.callTool(
      { name: 'mark', arguments: { text: 'long', ms: 60_000 } },
      { signal: stop.signal },
    );
    await until('the call to run', () => host.store.ran.includes('long'));
    stop.abort();
    await expect(call).rejects.toThrow();
    await until('the call to be abandoned', () => host.gateway.abandoned.includes('tools/call'));
    await client.close();
  });

  it('SDK v2 in auto mode and in the old mode', async () => {
    const auto = new ModernClient(info, { versionNegotiation: { mode: 'auto' } });
    const old = new ModernClient(info);
    await auto.connect(new ModernTransport(launch()));
    await old.connect(new ModernTransport(launch()));
    expect((await auto.callTool({ name: 'mark', arguments: { text: 'auto' } })).content).toHaveLength(1);
    expect((await old.callTool({ name: 'mark', arguments: { text: 'old' } })).content).toHaveLength(1);
    expect(host.transport!.sessions()).toBe(1);
    await Promise.all([auto.close(), old.close()]);
  });
});

describe('a client of lines', () => {
  it('may probe with server/discover, then initialize', async () => {
    const bridge = host.bridge();
    bridge.send({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: META } });
    expect((await bridge.answer(1)).result?.supportedVersions).toContain('2026-07-28');
    await bridge.initialize();
    bridge.call(2, 'mark', { text: 'x' });
    expect((await bridge.answer(2)).result?.content?.[0]?.text).toBe('x');
  });

  it('may send all at once, without waiting for the answer to initialize', async () => {
    const bridge = host.bridge();
    const call = { name: 'mark', arguments: { text: 'piped' } };
    bridge.send(INITIALIZE, INITIALIZED, { jsonrpc: '2.0', id: 2, method: 'tools/call', params: call });
    bridge.child.stdin.end();
    expect(await bridge.exit).toBe(0);
    expect(bridge.received.map(({ id }) => id)).toEqual(['init', 2]);
    expect(bridge.find(2)?.result?.content?.[0]?.text).toBe('piped');
  });

  it('hears of progress before the answer, in either era', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'a' }, { progressToken: 'p' });
    await bridge.answer(1);
    bridge.call(2, 'mark', { text: 'b' }, { progressToken: 'q', ...META });
    await bridge.answer(2);
    const heard = bridge.received.map(({ id, params }) => id ?? params?.progressToken);
    expect(heard).toEqual(['init', 'p', 1, 'q', 2]);
  });

  it('is told to initialize first', async () => {
    const bridge = host.bridge();
    bridge.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect((await bridge.answer(1)).error).toMatchObject({ code: -32600 });
  });

  it('is answered by the protocol engine where its revision is unknown', async () => {
    const bridge = host.bridge();
    const meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    bridge.send({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } });
    expect((await bridge.answer(1)).error?.message).toMatch(/version/i);
  });

  it('gets no answer to what it has cancelled, in either era, and may use the id again', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    bridge.call(1, 'mark', { text: 'a', ms: 60_000 });
    bridge.call(2, 'mark', { text: 'b', ms: 60_000 }, META);
    await until('both to run', () => host.store.ran.length === 2);
    for (const requestId of [1, 2])
      bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
    await until('the abandoned one', () => host.gateway.abandoned.length === 1);
    bridge.call(1, 'mark', { text: 'c' });
    expect((await bridge.answer(1)).result?.content?.[0]?.text).toBe('c');
    expect(bridge.answers(2)).toBe(0);
  });

  it('is kept apart from another with the same ids', async () => {
    const [one, two] = [host.bridge(), host.bridge()];
    await Promise.all([one.initialize(), two.initialize()]);
    for (const [name, bridge] of [['one', one] as const, ['two', two] as const]) {
      bridge.call(1, 'mark', { text: `${name} old`, ms: 50 });
      bridge.call(2, 'mark', { text: `${name} new`, ms: 50 }, META);
    }
    for (const [name, bridge] of [['one', one] as const, ['two', two] as const]) {
      expect((await bridge.answer(1)).result?.content?.[0]?.text).toBe(`${name} old`);
      expect((await bridge.answer(2)).result?.content?.[0]?.text).toBe(`${name} new`);
      expect(bridge.received).toHaveLength(3);
    }
    expect(host.transport!.connections()).toBe(2);
    expect(host.transport!.sessions()).toBe(2);
  });

  it('is told that the node is too busy', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    host.gateway.accepting = false;
    bridge.call(1, 'mark', { text: 'x' });
    expect((await bridge.answer(1)).error).toMatchObject({
      code: 1006,
      data: { code: 'too_busy', outcome: 'not_run' },
    });
    expect(host.store.ran).toEqual([]);
  });

  it('that initializes again gets a new session, and its old one ends', async () => {
    const bridge = host.bridge();
    await bridge.initialize();
    const [before] = host.store.sessions.keys();
    bridge.send({ ...INITIALIZE, id: 'second' });
    expect((await bridge.answer('second')).result).toBeDefined();
    await until('the end of the first', () => host.store.ended.length === 1);
    expect(host.store.ended[0]?.id).toBe(before);
    expect(host.transport!.sessions()).toBe(1);
  });
});
