/** `queues` of a live node: whatever is kept waiting is seen, and gone when it is let go. */
import { describe, expect, it, vi } from 'vitest';
import type { QueueRow } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { hold, isHeld, LAB_BEFORE, letGo, startLab } from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { commandOf, headOf, type PrintedRow, printedRow, printedRows } from '../support/printed.ts';
import { alive, eventually, type TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const BEFORE = `runner ${LAB_BEFORE} (r1)`;
const command = commandOf(cites('command.queues'));
const queue = headOf(cites('column.queues.queue'));
const [where, depth] = [headOf(cites('column.queues.where')), headOf(cites('column.queues.depth'))];

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
    const kind = headOf(cites('column.queues.kind'));
    expect(printed.map((row) => row[queue])).toEqual(['lab', 'in_flight']);
    expect(printed.map((row) => row[kind])).toEqual(['mailbox', 'in_flight']);
    expect(printed.map((row) => row[where])).toEqual([BEFORE, BEFORE]);
    expect(printed.map((row) => row[depth])).toEqual(['4', '1']);
    const oldest = headOf(cites('column.queues.oldest'));
    const ages = printed.map((row) => row[oldest]);
    expect(ages).toEqual(['-', expect.stringMatching(/\d m?s$/)]);
    await eventually('an older call', async () => {
      const later = printedRow((await node.ctl(command)).stdout, queue, 'in_flight');
      return later[oldest] !== ages[1];
    });

    await letGo(node, 'call');
    expect(await waiting).toEqual({ answer: { calls: 1 } });
    await eventually('no queue', async () => (await rows(node)).length === 0);
    const all = await rows(node, '--all');
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['mailbox', 'held', 'in_flight', 'wire']));
    expect(all.every(({ depth, bytes }) => (depth ?? 0) === 0 && (bytes ?? 0) === 0)).toBe(true);
    expect(all.filter(({ where }) => where === 'host').map(({ queue: name }) => name)).toContain(
      'erlmcp_router',
    );
  });

  it('shows what a runner does not take, and requests that none can take', async () => {
    const slow = { restart_min_ms: 60_000, restart_max_ms: 60_000 };
    const node = await startLab({}, { runner: slow });
    const client = await SessionClient.open(node.url);
    await client.call('whoami');
    const rowOf = async (name: string, ...args: string[]): Promise<PrintedRow> =>
      printedRow((await node.ctl(command, ...args)).stdout, queue, name);
    const idle = await rowOf('to_runner', '--all');
    const pid = node.runner();
    process.kill(pid, 'SIGSTOP');
    const echo = { name: 'echo', arguments: { text: 'x'.repeat(900_000) } };
    const sent = Array.from({ length: 4 }, () => client.request('tools/call', echo));
    await eventually('all of them', async () => (await rowOf('in_flight'))[depth] === '4');
    const wire = await rowOf('to_runner');
    const bytes = headOf(cites('column.queues.bytes'));
    expect([idle[bytes], wire[bytes]]).toEqual(['0 B', expect.stringMatching(/^[\d.]+ [KM]iB$/)]);

    process.kill(pid, 'SIGKILL');
    for (const { error } of await Promise.all(sent))
      expect(error).toMatchObject({ code: 1001, data: { code: 'runner_lost', outcome: 'unknown' } });
    const second = await eventually('another one', () => node.runners().find((other) => other !== pid));
    process.kill(second, 'SIGKILL');
    await eventually('its end', () => !alive(second));

    const held = client.request('tools/call', { name: 'whoami', arguments: {} });
    const row = await eventually('a held request', () => rowOf('held_requests'));
    expect(row).toMatchObject({ KIND: 'held', DEPTH: '1', OLDEST: expect.stringMatching(/\d m?s$/) });
    expect([wire[where], row[where]]).toEqual([BEFORE, 'host']);
    expect((await held).error).toMatchObject({ data: { code: 'runner_unavailable' } });
    await eventually('none', async () =>
      (await rows(node)).every(({ queue: name }) => name !== 'held_requests'),
    );
  });
});
