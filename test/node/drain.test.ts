/** `drain` and `upgrade.sh --drain` of a live node: what is in flight finishes, what comes waits, and nothing fails. */
import { describe, expect, it, vi } from 'vitest';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { SessionClient } from '../support/mcp.ts';
import { eventually, startNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 120_000 });

interface DrainResult {
  state: string;
  in_flight: number;
  held: number;
}

const inFlight = (count: number) => async (node: Awaited<ReturnType<typeof startNode>>) => {
  const { in_flight } = await node.ctlJson<DrainResult>('drain', '--end');
  return in_flight === count;
};

describe('a drain', () => {
  it('lets calls in flight finish while new ones wait, and lets these go on by --end', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const order: string[] = [];
    const slow = client.call('sleep', { ms: 8_000 }).then(() => order.push('slow'));
    await eventually('the call to be in flight', () => inFlight(1)(node));
    const drained = node.ctl('drain', '--timeout', '30').then((result) => {
      order.push('drained');
      return result;
    });
    await eventually('the drain', async () => (await node.ctl('status')).stdout.includes('1 call in flight'));
    const late = client.call('whoami').then((answer) => {
      order.push('late');
      return answer;
    });
    const result = await drained;
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(result.stdout).toMatch(/^Drained: no call is in flight; 1 call held, for \d+ s more\.\n$/);
    expect(order).toEqual(['slow', 'drained']);
    expect((await node.ctl('drain', '--end')).stdout).toBe('New calls are not held any more.\n');
    expect(await late).toMatchObject({ version: '2.1.0' });
    await slow;
  });

  it('ends by itself at its time-out, and what was held goes on', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const slow = client.call('sleep', { ms: 12_000 });
    await eventually('the call to be in flight', () => inFlight(1)(node));
    const drained = await node.ctl('drain', '--timeout=1');
    expect([drained.code, drained.stderr]).toEqual([1, expect.stringContaining('{not_drained, 1}')]);
    expect(await client.call('whoami')).toMatchObject({ version: '2.1.0' });
    await slow;
  });

  it('before the switch: no call crosses it, and what was held is answered by the new version', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const slow = client.call('sleep', { ms: 8_000 });
    await eventually('the call to be in flight', () => inFlight(1)(node));
    expect(cites('rule.drain')).toContain('graceful drain');
    const upgrade = node.script('upgrade.sh', '3.0.0', '--drain');
    await eventually('the drain', async () => /^upgrade +upgrading/m.test(await ctlText(node, 'status')));
    const held = await client.call<{ version: string }>('whoami');
    expect(held.version).toBe('3.0.0');
    await slow;
    expect((await upgrade).code).toBe(0);
    expect(node.log('upgrade')).toMatch(/Drain done held=\d+ in_flight=0/);
    expect((await node.ctl('status')).stdout).not.toContain('LINGERING');
  });
});
