/** `queues` of a live node: whatever is kept waiting is seen, and gone when it is let go. */
import { describe, expect, it, vi } from 'vitest';
import type { QueueRow } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { hold, isHeld, LAB_BEFORE, letGo, startLab } from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { headOf, printedRows } from '../support/printed.ts';
import { eventually, type TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const BEFORE = `runner ${LAB_BEFORE} (r1)`;
const command = cites('command.queues').split(' ')[1] ?? '';
const queue = headOf(cites('column.queues.queue'));

const rows = (node: TestNode, ...args: string[]) => node.ctlJson<QueueRow[]>(command, ...args);

describe('queues', () => {
  it('shows mailboxes and requests in flight, the deepest first', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    expect((await node.ctl(command)).stdout).toBe('Nothing waits.\n');
    await hold(node, 'call');
    const waiting = client.call('lab', { request: ['wait'] });
    await isHeld(node, 'call');
    await client.call('lab', { request: ['note'], times: 4 });

    const printed = printedRows((await node.ctl(command)).stdout, queue);
    const cells = (text: string) => printed.map((row) => row[headOf(text)]);
    expect(cells(cites('column.queues.queue'))).toEqual(['lab', 'in_flight']);
    expect(cells(cites('column.queues.kind'))).toEqual(['mailbox', 'in_flight']);
    expect(cells(cites('column.queues.where'))).toEqual([BEFORE, BEFORE]);
    expect(cells(cites('column.queues.depth'))).toEqual(['4', '1']);
    expect(cells(cites('column.queues.oldest'))).toEqual(['-', expect.stringMatching(/\d m?s$/)]);
    const older = (await rows(node)).find(({ kind }) => kind === 'in_flight')?.oldest_ms ?? 0;
    const oldest = async () => (await rows(node)).find(({ kind }) => kind === 'in_flight')?.oldest_ms ?? 0;
    await eventually('an older call', async () => (await oldest()) > older);

    await letGo(node, 'call');
    await waiting;
    await eventually('no queue', async () => (await rows(node)).length === 0);
    const all = await rows(node, '--all');
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['mailbox', 'held', 'in_flight', 'wire']));
    expect(all.every(({ depth, bytes }) => (depth ?? 0) === 0 && (bytes ?? 0) === 0)).toBe(true);
    expect(all.filter(({ where }) => where === 'host').map(({ queue: name }) => name)).toContain(
      'erlmcp_router',
    );
  });

  it('shows what a runner does not take, and requests that none can take', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await client.call('whoami');
    const [pid = 0] = node.runners();
    process.kill(pid, 'SIGSTOP');
    const text = 'x'.repeat(900_000);
    const sent = Array.from({ length: 4 }, () => client.call('echo', { text }).catch(() => 'lost'));
    const wire = await eventually('a back-log', async () => {
      const printed = printedRows((await node.ctl(command)).stdout, queue);
      return printed.find((row) => row[queue] === 'to_runner');
    });
    expect(wire[headOf(cites('column.queues.bytes'))]).toMatch(/ [KM]iB$/);

    // The runner ends, and no other can start: what comes now is held.
    const starting = eventually('a runner that starts', () => node.runners().find((other) => other !== pid));
    process.kill(pid, 'SIGKILL');
    process.kill(await starting, 'SIGSTOP');
    const held = client.call<{ version: string }>('whoami');
    const row = await eventually('a held request', async () =>
      (await rows(node)).find(({ queue: name }) => name === 'held_requests'),
    );
    expect(row).toMatchObject({ kind: 'held', where: 'host' });
    expect(row.depth).toBeGreaterThan(0);
    expect(row.oldest_ms).toBeGreaterThan(0);
    for (const other of node.runners()) process.kill(other, 'SIGCONT');
    expect(await held).toMatchObject({ version: LAB_BEFORE });
    await Promise.all(sent);
  });
});
