/** `sessions` and `releases` of a live node: what is done to it is seen in each column. */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { messagesOf, SessionClient } from '../support/mcp.ts';
import { headOf, type PrintedRow, printedBytes, printedRow, printedRows } from '../support/printed.ts';
import { stdioClient } from '../support/stdio-client.ts';
import { eventually, startNode, type TestNode } from '../support/test-node.ts';

/** Each starts a node, and some upgrade it several times. */
const LONG_MS = 240_000;

async function oldClient(node: TestNode, protocolVersion: string): Promise<string> {
  const client = new SessionClient(node.url);
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  const response = await client.post({ id: 1, method: 'initialize', params });
  await messagesOf(response);
  return response.headers.get('mcp-session-id') ?? '';
}

describe('sessions', () => {
  const session = headOf(cites('column.sessions.session'));
  const rowOf = async (node: TestNode, id: string): Promise<PrintedRow> =>
    printedRow(await ctlText(node, 'sessions'), session, id);

  it(
    'shows what each does',
    async () => {
      const node = await startNode();
      expect(await ctlText(node, 'sessions')).toBe('0 of 0 sessions, 0 looked at\n');
      const client = await SessionClient.open(node.url);
      const first = await rowOf(node, client.id);
      const [state, hydrated] = [
        headOf(cites('column.sessions.state')),
        headOf(cites('column.sessions.hydrated')),
      ];
      const [streams, calls] = [
        headOf(cites('column.sessions.streams')),
        headOf(cites('column.sessions.calls')),
      ];
      const subscriptions = headOf(cites('column.sessions.subscriptions'));
      expect(first).toMatchObject({ [state]: 'live', [streams]: '0', [subscriptions]: '0', [calls]: '0' });
      await client.request('resources/subscribe', { uri: 'notes://newest' });
      const stream = await client.stream();
      const sleeping = client.call('sleep', { ms: 60_000 }).catch(() => undefined);
      await eventually('the call', async () => (await rowOf(node, client.id))[calls] === '1');
      expect(await rowOf(node, client.id)).toMatchObject({
        [streams]: '1',
        [subscriptions]: '1',
        [hydrated]: 'yes',
      });
      stream.close();
      process.kill(node.runner(), 'SIGKILL');
      await sleeping;

      const [created, used] = [
        headOf(cites('column.sessions.created')),
        headOf(cites('column.sessions.used')),
      ];
      const before = await rowOf(node, client.id);
      await client.call('whoami');
      const after = await rowOf(node, client.id);
      expect(after[created]).toBe(first[created]);
      expect(Date.parse(after[used] ?? '')).toBeGreaterThan(Date.parse(before[used] ?? ''));
      const later = await SessionClient.open(node.url);
      expect(Date.parse((await rowOf(node, later.id))[created] ?? '')).toBeGreaterThan(
        Date.parse(after[created] ?? ''),
      );

      await node.erlmcp('stop');
      await node.start();
      expect(await rowOf(node, client.id)).toMatchObject({
        [state]: 'rest',
        [hydrated]: 'no',
        [streams]: '0',
        [subscriptions]: '1',
      });
      await client.call('whoami');
      expect(await rowOf(node, client.id)).toMatchObject({ [state]: 'live', [hydrated]: 'yes' });
    },
    LONG_MS,
  );

  it(
    'names clients, transports and revisions; newest used first, with filters and a limit',
    async () => {
      const node = await startNode();
      const http = await SessionClient.open(node.url);
      const old = await oldClient(node, '2025-03-26');
      const stdio = await stdioClient(node, { name: 'over-stdio', version: '7' });
      await stdio.callTool({ name: 'whoami', arguments: {} });
      const [client, transport] = [
        headOf(cites('column.sessions.client')),
        headOf(cites('column.sessions.transport')),
      ];
      const protocol = headOf(cites('column.sessions.protocol'));
      const shown = async (options = {}) =>
        printedRows(await ctlText(node, 'sessions', options), session).map((row) => [
          row[client],
          row[transport],
          row[protocol],
        ]);
      const [one, two, three] = [
        ['over-stdio 7', 'stdio', '2025-11-25'],
        ['old 1', 'http', '2025-03-26'],
        ['test 1', 'http', '2025-11-25'],
      ];
      expect(await shown()).toEqual([one, two, three]);
      expect(await shown({ transport: 'stdio' })).toEqual([one]);
      expect(await shown({ limit: 2 })).toEqual([one, two]);
      await http.call('whoami');
      expect(await shown()).toEqual([three, one, two]);
      expect(await ctlText(node, 'sessions', { state: 'rest' })).toBe('0 of 3 sessions, 0 looked at\n');

      await stdio.close();
      await node.erlmcp('stop');
      await node.start();
      expect((await http.post({ id: 1, method: 'ping' })).status).toBe(200);
      const rest = await node.ctlJson<{ total: number; rows: { session: string }[] }>(
        'sessions',
        '--state',
        'rest',
      );
      expect([rest.total, rest.rows.map((row) => row.session)]).toEqual([2, [old]]);
      expect(await shown({ state: 'live' })).toEqual([three]);
      expect((await node.ctl('sessions', '--limit', '0')).code).toBe(64);
      expect((await node.ctl('sessions', '--limit', '1001')).code).toBe(64);
      expect((await node.ctl('sessions', '--state', 'dead')).code).toBe(64);
    },
    LONG_MS,
  );
});

describe('releases', () => {
  const [vsn, status] = [headOf(cites('column.releases.vsn')), headOf(cites('column.releases.status'))];
  const statuses = async (node: TestNode) =>
    printedRows(await ctlText(node, 'releases'), 'NAME').map((row) => [row[vsn], row[status]]);
  const rowOf = async (node: TestNode, version: string): Promise<PrintedRow> => {
    const found = printedRows(await ctlText(node, 'releases'), 'NAME').find((row) => row[vsn] === version);
    if (found === undefined) throw new Error(`release ${version} is not listed`);
    return found;
  };

  it(
    'go from unpacked to current, permanent and old',
    async () => {
      const node = await startNode({ packages: ['2.1.0', '3.0.0', '3.0.1'] });
      expect(await statuses(node)).toEqual([['2.1.0', 'permanent']]);
      expect((await node.script('upgrade.sh', '3.0.0', '--dry-run')).code).toBe(0);
      expect(await statuses(node)).toEqual([
        ['3.0.0', 'unpacked'],
        ['2.1.0', 'permanent'],
      ]);
      expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
      expect(await statuses(node)).toEqual([
        ['3.0.0', 'current'],
        ['2.1.0', 'permanent'],
      ]);
      expect((await node.ctl('upgrade', '--accept')).code).toBe(0);
      expect(await statuses(node)).toEqual([
        ['3.0.0', 'permanent'],
        ['2.1.0', 'old'],
      ]);
      expect((await node.script('upgrade.sh', '3.0.1')).code).toBe(1);
      expect(await statuses(node)).toEqual([
        ['3.0.1', 'unpacked'],
        ['3.0.0', 'permanent'],
        ['2.1.0', 'old'],
      ]);
      expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
      expect(await statuses(node)).toEqual([
        ['3.0.1', 'unpacked'],
        ['3.0.0', 'old'],
        ['2.1.0', 'permanent'],
      ]);
    },
    LONG_MS,
  );

  it(
    'tell what is in them, whether the package is there, and when they were damaged',
    async () => {
      const node = await startNode();
      await node.script('upgrade.sh', '3.0.0');
      const [older, newer] = [await rowOf(node, '2.1.0'), await rowOf(node, '3.0.0')];
      const applications = headOf(cites('column.releases.applications'));
      expect([older[applications], newer[applications]]).toEqual(['workspace-2.1.0', 'workspace-3.0.0']);
      const [size, installed] = [
        headOf(cites('column.releases.size')),
        headOf(cites('column.releases.installed')),
      ];
      expect(Date.parse(newer[installed] ?? '')).toBeGreaterThan(Date.parse(older[installed] ?? ''));
      const packaged = headOf(cites('column.releases.package'));
      expect(newer[packaged]).toBe('yes');
      rmSync(join(node.home, 'packages/erlmcp-3.0.0.tar.gz'));
      expect((await rowOf(node, '3.0.0'))[packaged]).toBe('no');
      const name = headOf(cites('column.releases.name'));
      expect(newer[name]).toBe('erlmcp');
      appendFileSync(join(node.home, 'releases/3.0.0/runner.mjs'), ' '.repeat(1024 * 1024));
      const damaged = await rowOf(node, '3.0.0');
      expect([damaged[status], damaged[name], damaged[applications]]).toEqual(['damaged', '-', '-']);
      expect(printedBytes(damaged[size])).toBeGreaterThan(printedBytes(newer[size]) + 1_000_000);
    },
    LONG_MS,
  );
});
