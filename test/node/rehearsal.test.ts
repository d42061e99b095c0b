/** Dry runs of real nodes: the next release is rehearsed beside the one that serves, which does not notice. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { OperationResult } from '../../src/control/types.ts';
import { startLoad } from '../support/load.ts';
import { SessionClient } from '../support/mcp.ts';
import { addCounterWith, copiesOf, tableFiles } from '../support/rehearsed.ts';
import { alive, eventually, startNode, type TestNode } from '../support/test-node.ts';

const dryRun = (node: TestNode, vsn: string): Promise<OperationResult> =>
  node.ctlJson<OperationResult>('upgrade', vsn, '--dry-run');

const rehearsed = ({ findings }: OperationResult) =>
  findings
    .filter(({ name }) => name.startsWith('rehearsal '))
    .map((found) => ({ ...found, name: found.name.slice(10) }));

const found = (result: OperationResult, name: string) => rehearsed(result).find((one) => one.name === name);

/** What somebody sees of a node who is not concerned by a dry run. */
async function seen(node: TestNode, client: SessionClient): Promise<unknown> {
  const tables = await node.ctlJson<{ name: string; rows: number; versions: unknown }[]>('ets_tables');
  const { sessions } = await node.ctlJson<{ sessions: { total: number } }>('status');
  const servers =
    await node.ctlJson<{ name: string; pid: string; status: string; handled: number }[]>('gen_servers');
  return {
    rows: tables.map(({ name, rows, versions }) => [name, rows, versions]),
    sessions: sessions.total,
    servers: servers
      .filter(({ name }) => name === 'counter')
      .map(({ pid, status, handled }) => [pid, status, handled]),
    registry: await node.ctlJson('registry'),
    calls: (await node.ctlJson<{ tools: unknown }>('metrics')).tools,
    runner: node.runner(),
    answer: await client.call('whoami'),
  };
}

it('a good release passes; each step says its time; of the node nothing has changed, and nothing is left', async () => {
  const node = await startNode();
  const client = await SessionClient.open(node.url);
  for (let round = 0; round < 3; round++) {
    await client.call('note_add', { text: `note ${round}` });
    await client.call('counter_increment');
  }
  await client.call('whoami');
  const before = await seen(node, client);
  const files = tableFiles(node);
  const { code, stdout } = await node.script('upgrade.sh', '3.0.0', '--dry-run');
  expect(tableFiles(node)).toEqual(files);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pre_flight_checks \.\.\. done .*\nrehearsal \.\.\. done /m);
  for (const step of ['copy', 'load', 'indexes', 'states', 'transform', 'resume', 'smoke_test'])
    expect(stdout).toMatch(new RegExp(`^rehearsal ${step} +passed .* in \\d+(\\.\\d)? ms`, 'm'));
  for (const line of ['applications', 'gen_servers', 'tables', 'supervisors', 'mnesia', 'mcp'])
    expect(stdout).toMatch(new RegExp(`^rehearsal ${line} +passed`, 'm'));
  expect(stdout).toMatch(/^rehearsal left out +skipped +messages, timers and links/m);
  expect(stdout).toMatch(/^rehearsal timers +skipped +counter .*not declared safeToRehearse/m);
  expect(stdout).toMatch(/^Plan: [0-9a-f]{12}$/m);

  const after = await seen(node, client);
  expect(after).toEqual({ ...(before as object), calls: expect.anything() });
  expect(await client.call('counter_increment')).toEqual({ count: 4 });
  expect(copiesOf(node)).toEqual([]);
  expect(node.log('error')).toBe('');
});

it('clients notice nothing, and what they write meanwhile is theirs', async () => {
  const node = await startNode();
  const stop = await startLoad(node.url, 2);
  expect((await dryRun(node, '3.0.0')).outcome).toBe('completed');
  const { failures, notes, counts } = await stop();
  expect(failures).toEqual([]);
  expect(new Set(counts).size).toBe(counts.length);
  const client = await SessionClient.open(node.url);
  for (const id of notes) expect(await client.call('note_get', { id })).toMatchObject({ id });
});

it.each([
  ['throws', "codeChange() { throw new Error('no way') }", 'no way'],
  ['returns nothing', 'codeChange() {}', 'returned nothing'],
  [
    'returns what can not travel',
    'codeChange: () => ({ count: 1, history: [], run: () => 1 }) as never',
    'structured clone',
  ],
])('a codeChange that %s fails the dry run by the name of its server', async (_what, callback, why) => {
  const node = await startNode();
  await addCounterWith(node, '3.0.3', callback);
  const client = await SessionClient.open(node.url);
  await client.call('counter_increment');
  const pid = node.runner();
  const { code, stdout, stderr } = await node.script('upgrade.sh', '3.0.3', '--dry-run');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^erlmcpctl: \{transformation_failed, counter, "/m);
  expect(stderr).toContain(why);
  expect(stdout).toMatch(/failed at phase rehearsal; nothing was changed, 2\.1\.0 serves/);
  expect(stdout).not.toContain('Plan:');
  expect([node.runners(), copiesOf(node)]).toEqual([[pid], []]);
  expect(await client.call('counter_increment')).toEqual({ count: 2 });
});

it('a lens that throws fails it as the upgrade would', async () => {
  const node = await startNode({ packages: ['2.1.0', '3.0.1'] });
  const result = await dryRun(node, '3.0.1');
  expect([result.outcome, result.failed_phase, result.error?.exit_code]).toEqual(['failed', 'rehearsal', 1]);
  expect(result.error?.term).toMatch(/^\{transformation_failed, counter, /);
  expect(found(result, 'transform')?.status).toBe('failed');
});

it('a codeChange that never ends can be cancelled, is bounded by --timeout, and is named', async () => {
  const node = await startNode();
  await addCounterWith(node, '3.0.3', 'codeChange: () => new Promise<never>(() => {})');
  const pid = node.runner();
  const transforming = () =>
    eventually('the transformation', async () => {
      const { progress } = await node.ctlJson<{ progress: string | null }>('status');
      return progress === 'rehearsal: transform';
    });
  const cancelled = dryRun(node, '3.0.3');
  await transforming();
  expect((await node.ctl('upgrade', '--cancel')).code).toBe(0);
  expect((await cancelled).outcome).toBe('aborted');
  expect([node.runners(), copiesOf(node)]).toEqual([[pid], []]);

  const late = await node.ctlJson<OperationResult>('upgrade', '3.0.3', '--dry-run', '--timeout=12');
  expect(late.outcome).toBe('failed');
  expect(late.error?.term).toMatch(/^\{(timeout, "3\.0\.3"|transformation_failed, \[counter\])/);
  expect([node.runners(), copiesOf(node)]).toEqual([[pid], []]);
});

it('a codeChange in a loop ends its own runner alone', async () => {
  const node = await startNode({ config: { timeouts: { heartbeat_ms: 2_000 } } });
  await addCounterWith(node, '3.0.3', 'codeChange() { for (;;); }');
  const pid = node.runner();
  const { error } = await dryRun(node, '3.0.3');
  expect(error?.term).toMatch(/^\{transformation_failed, \[counter\], ".*heartbeat/);
  expect([node.runners(), copiesOf(node)]).toEqual([[pid], []]);
});

it('a host that dies meanwhile leaves nothing once it is started again', async () => {
  const node = await startNode();
  await addCounterWith(node, '3.0.3', 'codeChange: () => new Promise<never>(() => {})');
  const followed = node.ctl('upgrade', '3.0.3', '--dry-run');
  const copies = await eventually('the copy', () =>
    node.runners().length > 1 && copiesOf(node).length === 1 ? copiesOf(node) : undefined,
  );
  const rehearsing = node.runners();
  await node.crash();
  expect(copiesOf(node)).toEqual(copies);
  await node.start();
  expect(copiesOf(node)).toEqual([]);
  expect(rehearsing.filter(alive)).toEqual([]);
  const { code, stderr } = await followed;
  expect([code, stderr]).toEqual([124, expect.stringContaining('{outcome_unknown, ')]);
});

it('resumed and timers run only where a server says that they may, and a server without is still asked', async () => {
  const node = await startNode();
  const mark = join(node.home, 'mark');
  const hook = `resumed() { appendFileSync(${JSON.stringify(mark)}, 'resumed') }`;
  const withHook = (vsn: string, more: string) =>
    addCounterWith(
      node,
      vsn,
      `${more}${hook.replace('appendFileSync', "process.getBuiltinModule('fs').appendFileSync")}`,
    );
  await withHook('3.0.3', '');
  const careful = await dryRun(node, '3.0.3');
  expect(careful.outcome).toBe('completed');
  expect(existsSync(mark)).toBe(false);
  expect(found(careful, 'resumed')).toMatchObject({ status: 'skipped', value: 'counter' });
  expect(found(careful, 'gen_servers')).toMatchObject({ status: 'passed', value: 'counter' });

  await withHook('3.0.4', 'safeToRehearse: true,\n');
  const bold = await dryRun(node, '3.0.4');
  expect(bold.outcome).toBe('completed');
  expect(readFileSync(mark, 'utf8')).toBe('resumed');
  expect(found(bold, 'resumed')).toBeUndefined();
  expect(found(bold, 'timers')).toBeUndefined();
});
