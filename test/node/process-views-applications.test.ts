/** `applications` and `restart` of a live node: an application that has ended stands there until it is started again. */
import { describe, expect, it, vi } from 'vitest';
import type { ApplicationRow, ProcessRow, RestartResult } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import {
  failLab,
  hold,
  isHeld,
  LAB_AFTER,
  LAB_BEFORE,
  letGo,
  startLab,
  upgradeInto,
} from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { commandOf, headOf, type PrintedRow, printedRow, printedRows } from '../support/printed.ts';
import type { TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const command = commandOf(cites('command.applications'));
const name = headOf(cites('column.applications.name'));

const rowOf = async (node: TestNode, application: string): Promise<PrintedRow> =>
  printedRow((await node.ctl(command)).stdout, name, application);
const cell = (row: PrintedRow, text: string) => row[headOf(text)];

describe('an application that has ended', () => {
  it('stands there with its reason, degrades the node, fails the verification, and is started again', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    const started = await rowOf(node, 'lab');
    expect(cell(started, cites('column.applications.state'))).toBe('started');
    expect(cell(started, cites('column.applications.since'))).toMatch(/Z$/);
    await failLab(client);
    const ended = await rowOf(node, 'lab');
    expect(cell(ended, cites('column.applications.state')), cites('workflow.2.2')).toBe('failed');
    expect(cell(ended, cites('column.applications.reason'))).toContain('lab of lab_sup failed too often');
    expect([started, ended].map((row) => cell(row, cites('column.applications.processes')))).toEqual([
      '2',
      '0',
    ]);
    const health = await node.ctl('health');
    expect([health.code, health.stdout]).toEqual([
      2,
      expect.stringMatching(/applications +degraded +lab failed/),
    ]);
    const verified = await node.ctl('upgrade', LAB_BEFORE, '--verify-only');
    expect([verified.code, verified.stderr]).toEqual([
      1,
      expect.stringContaining('{application_not_started, "lab"}'),
    ]);
    // The others go on.
    expect(await client.call('counter_increment')).toEqual({ count: 1 });

    const again = await node.ctl('restart', 'lab');
    expect([again.code, again.stdout], cites('workflow.2.4')).toEqual([
      0,
      expect.stringContaining('application lab is started'),
    ]);
    const since = (row: PrintedRow) => cell(row, cites('column.applications.since'));
    const now = await rowOf(node, 'lab');
    expect([now.STATE, now.REASON]).toEqual(['started', '-']);
    expect(since(now)).not.toBe(since(started));
    expect((await node.ctl('health')).code).toBe(0);
    expect(await client.call('lab', { request: ['ping'] })).toEqual({ answer: { calls: 1 } });
    expect(node.log('erlmcp')).toContain('An operator restarts application lab');
  });

  it('is left so by an upgrade, is started in the new version, and comes back running', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await failLab(client);
    const { stdout } = await node.ctl(command);
    const [before, was] = [printedRows(stdout, name), printedRow(stdout, name, 'lab')];
    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    const left = await rowOf(node, 'lab');
    expect([left.STATE, left.REASON]).toEqual(['failed', expect.stringContaining('failed too often')]);
    const cells = (text: string) => [was, left].map((row) => cell(row, text));
    expect(cells(cites('column.applications.vsn'))).toEqual(['1.0.0', '1.1.0']);
    expect(cells(cites('column.applications.where'))).toEqual([
      `runner ${LAB_BEFORE} (r1)`,
      expect.stringContaining(LAB_AFTER),
    ]);
    expect(cells(cites('column.applications.type'))).toEqual(['temporary', 'transient']);
    expect(cells(cites('column.applications.tables'))).toEqual(['1', '0']);
    const mcp = before.map((row) => [row[name], cell(row, cites('column.applications.mcp'))]);
    expect(mcp).toEqual([
      ['erlmcp', 'no'],
      ['workspace', 'yes'],
      ['lab', 'no'],
    ]);

    expect((await node.ctl('restart', 'lab')).code).toBe(0);
    await client.call('lab', { request: ['ping'] });
    expect((await node.script('downgrade.sh', LAB_BEFORE)).code).toBe(0);
    expect((await rowOf(node, 'lab')).STATE).toBe('started');
    // With the state of the server that ran in the new version only.
    expect(await client.call('lab', { request: ['ping'] })).toEqual({ answer: { calls: 2 } });
  });
});

describe('restart', () => {
  const json = (node: TestNode, ...args: string[]) => node.ctlJson<RestartResult>('restart', ...args);

  it('starts a process anew by name or pid, in host and runner, and one that hangs by force', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    const pids = async () =>
      new Map((await node.ctlJson<ProcessRow[]>('processes')).map((row) => [row.name, row.pid]));
    const before = await pids();
    const [counter, metrics] = [
      await json(node, 'counter'),
      await json(node, String(before.get('erlmcp_metrics'))),
    ];
    const after = await pids();
    expect(counter).toMatchObject({ kind: 'process', pid: after.get('counter') });
    expect(metrics).toMatchObject({ kind: 'process', where: 'host', pid: after.get('erlmcp_metrics') });
    for (const each of ['counter', 'erlmcp_metrics']) expect(after.get(each)).not.toBe(before.get(each));
    // From init, as after a crash.
    expect(await client.call('counter_increment')).toEqual({ count: 1 });

    await hold(node, 'call');
    const lost = client.call('lab', { request: ['wait'] }).catch((error: Error) => error.message);
    await isHeld(node, 'call');
    expect((await json(node, 'lab', '--kind', 'process')).pid).not.toBe(before.get('lab'));
    expect(await lost).toContain('kill');
    await letGo(node, 'call');
    expect(await client.call('lab', { request: ['ping'] })).toEqual({ answer: { calls: 1 } });
  });

  it('says in one line what it can not restart', async () => {
    const node = await startLab();
    const refusals = [
      [['contour'], '{unknown_name, "contour"}', 'counter'],
      [['lab'], '{ambiguous_name, "lab"}', '--kind application|process'],
      [['counter', '--kind', 'transport'], '{unknown_name, "counter"}', 'process in runner'],
      [['lab_sup'], '{restart_failed, "lab_sup"}', 'restart its application'],
      [['erlmcp_control'], '{not_restartable, "erlmcp_control"}', 'comes in through it'],
      [['erlmcp'], '{not_restartable, "erlmcp"}', 'erlmcpctl stop'],
    ] as const;
    for (const [args, term, text] of refusals) {
      const { code, stderr } = await node.ctl('restart', ...args);
      expect([args, code, stderr]).toEqual([args, 1, expect.stringMatching(/^erlmcpctl: [^\n]+\n$/)]);
      expect(stderr).toContain(term);
      expect(stderr).toContain(text);
    }
  });

  it('is refused while an upgrade runs, except for a transport', async () => {
    const node = await startLab();
    const { ended } = await upgradeInto(node, 'codeChange');
    // At once: the upgrade waits for its server for so long, and no longer.
    const [rows, transport, ...refused] = await Promise.all([
      node.ctlJson<ApplicationRow[]>(command),
      node.ctl('restart', 'stdio'),
      node.ctl('restart', 'counter'),
      node.ctl('restart', 'workspace'),
    ]);
    for (const { code, stderr } of refused)
      expect([code, stderr]).toEqual([1, expect.stringContaining(`{upgrade_running, "${LAB_AFTER}"}`)]);
    expect(rows.filter(({ name: each }) => each === 'workspace').map(({ state }) => state)).toEqual([
      'suspended',
      'suspended',
    ]);
    expect(transport.code).toBe(0);
    await letGo(node, 'codeChange');
    await ended;
  });
});
