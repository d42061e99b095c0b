import { describe, expect, it } from 'vitest';
import { SessionClient } from '../support/mcp.ts';
import { eventually, startNode } from '../support/test-node.ts';

describe('sessions outlive what serves them', () => {
  it('a runner that is killed', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const before = await client.call<{ pid: number }>('whoami');
    process.kill(before.pid, 'SIGKILL');
    const after = await client.call<{ pid: number }>('whoami');
    expect(after.pid).not.toBe(before.pid);
  });

  it('a host that is killed and started again, with what was written', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'kept' });
    await node.crash();
    await node.start();
    expect(await client.call('note_get', { id })).toMatchObject({ id, text: 'kept' });
    expect((await client.request('tools/list')).result?.tools).toHaveLength(6);
  });

  it('until DELETE', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    expect((await client.delete()).status).toBe(200);
    expect((await client.post({ id: 1, method: 'ping' })).status).toBe(404);
    await node.crash();
    await node.start();
    expect((await client.post({ id: 1, method: 'ping' })).status).toBe(404);
  });

  it('until they are idle for too long, but not while a stream is open', async () => {
    const node = await startNode({ config: { timeouts: { session_idle_s: 1 } } });
    const idle = await SessionClient.open(node.url);
    const listening = await SessionClient.open(node.url);
    const stream = await listening.stream();
    await eventually(
      'the end of the idle session',
      async () => (await node.ctlJson<unknown[]>('status')) && /idle/.test(node.log('erlmcp')),
      50_000,
    );
    expect((await idle.post({ id: 1, method: 'ping' })).status).toBe(404);
    expect(await listening.request('ping')).toMatchObject({ result: {} });
    stream.close();
  });
});
