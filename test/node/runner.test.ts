import { describe, expect, it } from 'vitest';
import { holdWriter } from '../support/held-writer.ts';
import { messagesOf, SessionClient } from '../support/mcp.ts';
import { alive, eventually, startNode } from '../support/test-node.ts';
import { isStopped } from '../tables/helpers.ts';

describe('a runner that is killed', () => {
  it('leaves calls that may have had an effect with an unknown outcome, and runs them never again', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    const sleeping = client.request('tools/call', { name: 'sleep', arguments: { ms: 60_000 } });
    await eventually(
      'the call',
      async () =>
        (await node.ctlJson<{ sessions: { calls_in_flight: number } }>('status')).sessions.calls_in_flight ===
        1,
    );
    process.kill(pid, 'SIGKILL');
    const { error } = await sleeping;
    expect(error).toMatchObject({ code: 1001, data: { code: 'runner_lost', outcome: 'unknown' } });
  });

  it('passes a read-only call to the next one, once', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    process.kill(pid, 'SIGSTOP');
    const asked = client.call<{ pid: number }>('whoami');
    await eventually(
      'the call',
      async () =>
        (await node.ctlJson<{ sessions: { calls_in_flight: number } }>('status')).sessions.calls_in_flight ===
        1,
    );
    process.kill(pid, 'SIGKILL');
    expect((await asked).pid).not.toBe(pid);
  });

  it('ends with its host, and so does a parked one when the host boots again', async () => {
    const node = await startNode();
    await node.script('upgrade.sh', '3.0.0');
    const parked = await eventually('a parked runner', async () => {
      const { runners } = await node.ctlJson<{ runners: { pid: number; role: string }[] }>('status');
      return runners.find(({ role }) => role === 'parked');
    });
    const active = node.runners().find((pid) => pid !== parked.pid)!;
    await node.crash();
    await eventually('the active runner to end', () => !alive(active));
    expect(alive(parked.pid)).toBe(true);
    await node.start();
    expect(alive(parked.pid)).toBe(false);
  });
});

describe('a runner that stands still', () => {
  it('is ended when it misses its heartbeat; the host goes on meanwhile', async () => {
    const node = await startNode({ config: { timeouts: { heartbeat_ms: 2_000 } } });
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    process.kill(pid, 'SIGSTOP');
    expect((await fetch(`http://127.0.0.1:${node.adminPort}/health/live`)).status).toBe(200);
    expect((await node.ctl('version')).code).toBe(0);
    await eventually('its end', () => !alive(pid));
    expect(await client.call('whoami')).not.toHaveProperty('pid', pid);
    expect(node.log('erlmcp')).toMatch(/missed its heartbeat/);
  });

  it('is not to blame when it was the host that stood still', async () => {
    const heartbeatMs = 3_000;
    const node = await startNode({ config: { timeouts: { heartbeat_ms: heartbeatMs } } });
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    process.kill(node.pid, 'SIGSTOP');
    await eventually('the stop', () => isStopped(node.pid));
    const stoppedAt = performance.now();
    await eventually('a stop longer than the heartbeat', () => performance.now() - stoppedAt > heartbeatMs);
    process.kill(node.pid, 'SIGCONT');
    await eventually('the host to notice', () =>
      [...node.log('erlmcp').matchAll(/The host stood still for (\d+) ms/g)].some(
        ([, ms]) => Number(ms) >= heartbeatMs,
      ),
    );
    expect(await client.call('whoami')).toHaveProperty('pid', pid);
    expect(node.log('erlmcp')).not.toMatch(/missed its heartbeat/);
  });

  it('in the middle of a write does not stop the host, whose own writes go on when it is gone', async () => {
    const node = await startNode();
    const release = await holdWriter(node);
    const client = await SessionClient.open(node.url);
    expect((await messagesOf(await client.post({ id: 7, method: 'ping' })))[0]).toMatchObject({ result: {} });
    expect((await node.ctl('status')).code).toBe(0);
    const added = client.call('note_add', { text: 'waits for the lock' });
    await release();
    expect(await added).toHaveProperty('id');
  });
});
