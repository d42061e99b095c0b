/** `transport_stats` of a live node: what clients do is counted in each column. */
import { mkdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { holdConnections } from '../support/hold-connections.ts';
import { SessionClient } from '../support/mcp.ts';
import {
  commandOf,
  headOf,
  type PrintedRow,
  printedBytes,
  printedRow,
  printedRows,
} from '../support/printed.ts';
import { stdioClient } from '../support/stdio-client.ts';
import { eventually, startNode, type TestNode } from '../support/test-node.ts';

const MIB = 1024 * 1024;
const LONG_MS = 240_000;

describe('transport_stats', () => {
  const http = async (node: TestNode) => printedRow(await ctlText(node, 'transport_stats'), 'NAME', 'http');
  const numbers = (row: PrintedRow, heads: readonly string[]) => heads.map((head) => Number(row[head]));

  it(
    'counts what HTTP has carried, on over a restart of the transport',
    async () => {
      const node = await startNode();
      const heads = [
        headOf(cites('column.transport_stats.requests')),
        headOf(cites('column.transport_stats.notifications')),
        headOf(cites('column.transport_stats.answers')),
        headOf(cites('column.transport_stats.errors')),
        headOf(cites('column.transport_stats.streams')),
      ];
      const zero = await http(node);
      expect(numbers(zero, heads)).toEqual([0, 0, 0, 0, 0]);
      const client = await SessionClient.open(node.url);
      expect(numbers(await http(node), heads)).toEqual([1, 1, 1, 0, 0]);
      await client.call('whoami');
      expect(await client.request('no/such/method')).toHaveProperty('error');
      expect(numbers(await http(node), heads)).toEqual([3, 1, 3, 1, 0]);
      expect((await fetch(node.url.replace('/mcp', '/nowhere'))).status).toBe(404);
      expect(numbers(await http(node), heads)).toEqual([3, 1, 4, 2, 0]);
      const stream = await client.stream();
      expect(numbers(await http(node), heads)).toEqual([3, 1, 4, 2, 1]);
      stream.close();
      await eventually('the end of the stream', async () => (await http(node)).STREAMS === '0');
      const batch = [
        { jsonrpc: '2.0', id: 'a', method: 'ping' },
        { jsonrpc: '2.0', id: 'b', method: 'no/such' },
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'z' } },
      ];
      await postBatch(node, client, batch);
      const counted = [5, 2, 6, 3, 0];
      expect(numbers(await http(node), heads)).toEqual(counted);

      const before = await http(node);
      expect((await node.ctl('restart', 'http')).code).toBe(0);
      const restarted = await http(node);
      expect(numbers(restarted, heads)).toEqual(counted);
      const since = headOf(cites('column.transport_stats.since'));
      expect(restarted[since]).toBe(before[since]);
      await client.call('whoami');
      expect(numbers(await http(node), heads)[0]).toBe(6);
      await node.erlmcp('stop');
      await node.start();
      const anew = await http(node);
      expect(numbers(anew, heads)).toEqual([0, 0, 0, 0, 0]);
      expect(Date.parse(anew[since] ?? '')).toBeGreaterThan(Date.parse(before[since] ?? ''));
    },
    LONG_MS,
  );

  it(
    'counts connections and their bytes, while they are open and when they are closed',
    async () => {
      const node = await startNode();
      const [open, total] = [
        headOf(cites('column.transport_stats.connections')),
        headOf(cites('column.transport_stats.connections_total')),
      ];
      const [bytesIn, bytesOut] = [
        headOf(cites('column.transport_stats.bytes_in')),
        headOf(cites('column.transport_stats.bytes_out')),
      ];
      const end = await holdConnections(node, 7);
      await eventually('all of them', async () => (await http(node))[open] === '7');
      expect(await http(node)).toMatchObject({ [total]: '7', [bytesIn]: '0 B' });
      end();
      await eventually('their end', async () => (await http(node))[open] === '0');
      expect(await http(node)).toMatchObject({ [total]: '7' });
      const agent = new Agent({ keepAlive: true });
      onTestFinished(() => agent.destroy());
      await postBytes(node, agent, 3 * MIB);
      const live = await http(node);
      expect(printedBytes(live[bytesIn])).toBeGreaterThanOrEqual(3 * MIB);
      expect(printedBytes(live[bytesOut])).toBeGreaterThan(0);
      agent.destroy();
      await eventually('its end', async () => (await http(node))[open] === '0');
      expect(await http(node)).toMatchObject({ [bytesIn]: live[bytesIn], [bytesOut]: live[bytesOut] });
      await postBytes(node, agent, 2 * MIB);
      expect(printedBytes((await http(node))[bytesIn])).toBeGreaterThan(4.9 * MIB);
    },
    LONG_MS,
  );

  it(
    'counts stdio, and says when a transport has failed',
    async () => {
      const node = await startNode();
      const stdio = async () => printedRow(await ctlText(node, 'transport_stats'), 'NAME', 'stdio');
      const name = headOf(cites('column.transport_stats.name'));
      expect(printedRows(await ctlText(node, 'transport_stats'), name).map((row) => row[name])).toEqual([
        'http',
        'stdio',
      ]);
      const client = await stdioClient(node);
      await client.callTool({ name: 'whoami', arguments: {} });
      await expect(client.readResource({ uri: 'no://such' })).rejects.toThrow();
      expect(await stdio()).toMatchObject({
        CONNECTIONS: '1',
        'CONNECTIONS TOTAL': '1',
        REQUESTS: '3',
        NOTIFICATIONS: '1',
        ANSWERS: '3',
        ERRORS: '1',
        STREAMS: '-',
      });
      expect(printedBytes((await stdio())['BYTES IN'])).toBeGreaterThan(100);

      const state = headOf(cites('column.transport_stats.state'));
      expect((await stdio())[state]).toBe('open');
      const socket = join(node.home, 'run/stdio.sock');
      rmSync(socket);
      mkdirSync(socket);
      expect((await node.ctl('restart', 'stdio')).code).toBe(1);
      expect((await stdio())[state]).toBe('failed');
      rmSync(socket, { recursive: true });
      expect((await node.ctl('restart', 'stdio')).code).toBe(0);
      expect((await stdio())[state]).toBe('open');
      await client.callTool({ name: 'whoami', arguments: {} });
      expect(await stdio()).toMatchObject({ REQUESTS: '4', 'CONNECTIONS TOTAL': '2' });
      expect((await node.ctl(commandOf(cites('command.transport_stats')))).code).toBe(0);
    },
    LONG_MS,
  );
});

async function postBatch(node: TestNode, client: SessionClient, batch: unknown[]): Promise<void> {
  const response = await fetch(node.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': client.id,
    },
    body: JSON.stringify(batch),
  });
  expect(response.status).toBe(200);
  await response.text();
}

/** A body that is refused once it is read. */
function postBytes(node: TestNode, agent: Agent, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const sent = request(node.url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify('x'.repeat(bytes)));
  });
}
