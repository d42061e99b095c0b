/** `resume_supervisors` on a live node: an upgrade that hangs is ended before its commit point and completed after it. */
import { describe, expect, it, vi } from 'vitest';
import type { ProcessRow, ResumeSupervisorsResult, SupervisorRow } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { LAB_AFTER, LAB_BEFORE, letGo, startLab, upgradeInto } from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { commandOf } from '../support/printed.ts';
import type { TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const command = commandOf(cites('command.resume_supervisors'));
const resume = (node: TestNode) => node.ctlJson<ResumeSupervisorsResult>(command);
const NOTHING = { outcome: 'nothing', resumed: [], restarted: [], busy: [], silent: [] };

describe(`${cites('workflow.1')}`, () => {
  it('before the commit point the upgrade is given up, and the old version goes on with its states', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    const { ended } = await upgradeInto(node, 'codeChange');

    const waiting = client.call('lab', { request: ['ping'] });
    const [supervisors, queues] = await Promise.all([
      node.ctlJson<SupervisorRow[]>('supervisors'),
      node.ctlJson<{ queue: string }[]>('queues'),
    ]);
    const suspended = supervisors.filter(({ status }) => status === 'suspended').map(({ id }) => id);
    expect(suspended, cites('workflow.1.1')).toContain('workspace_sup');
    const names = queues.map(({ queue }) => queue);
    expect(names, cites('workflow.1.2')).toContain('in_flight');
    const both = await Promise.all([resume(node), resume(node)]);
    const aborted = both.find(({ outcome }) => outcome === 'aborted');
    expect(aborted, cites('workflow.1.3')).toMatchObject({ version: LAB_BEFORE, restarted: [], busy: [] });
    expect(aborted?.resumed.toSorted()).toEqual(['counter', 'lab']);
    // The other one came along with it, or too late to find anything.
    expect(both.every(({ outcome }) => outcome === 'aborted' || outcome === 'nothing')).toBe(true);
    const upgrade = await ended;
    expect(upgrade.code).toBe(1);
    expect(upgrade.stderr).toContain(`{resumed_by_operator, "${LAB_AFTER}"}`);
    expect(node.log('upgrade')).toContain(`[ERROR] Reason: {resumed_by_operator, "${LAB_AFTER}"}`);
    expect(await waiting).toEqual({ answer: { calls: 1 } });
    expect(await resume(node)).toEqual({ ...NOTHING, version: LAB_BEFORE });
    await letGo(node, 'codeChange');
    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    expect(await client.call('counter_increment')).toEqual({ count: 2 });
  });

  it('a server that hangs as it is suspended is named, and can be started anew', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    const { ended } = await upgradeInto(node, 'suspended');
    const lines = (await node.ctl(command)).stdout;
    expect(lines).toContain(`The upgrade is given up; ${LAB_BEFORE} serves.`);
    expect(lines).toMatch(/still at work: lab; .*erlmcpctl restart/);
    expect((await ended).code).toBe(1);
    expect((await node.ctl('restart', 'lab', '--kind', 'process')).code).toBe(0);
    expect(await client.call('lab', { request: ['ping'] })).toEqual({ answer: { calls: 1 } });
  });

  it('after the commit point the resume is completed, and a server that hangs in it starts anew', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    const { ended } = await upgradeInto(node, 'resumed');
    const rows = async () => node.ctlJson<ProcessRow[]>('processes', '--where', LAB_AFTER, '--name', 'lab');
    const pidOf = async () => (await rows()).find(({ name }) => name === 'lab')?.pid;
    const first = await pidOf();
    expect(await resume(node)).toMatchObject({
      outcome: 'completed',
      version: LAB_AFTER,
      restarted: ['lab'],
    });
    await letGo(node, 'resumed');
    expect((await ended).code).toBe(0);
    expect(await pidOf()).not.toBe(first);
    expect(await client.call('counter_increment')).toEqual({ count: 2 });
    expect(node.log('upgrade')).toContain('Server lab hung in its resumed hook and was started anew');
    expect(await resume(node)).toEqual({ ...NOTHING, version: LAB_AFTER });
  });

  it('where it goes on hanging the verification takes the upgrade back', async () => {
    const node = await startLab({ suspend_ms: 3_000 });
    const client = await SessionClient.open(node.url);
    const { ended } = await upgradeInto(node, 'resumed');
    expect(await resume(node)).toMatchObject({ outcome: 'completed', busy: ['lab'] });
    // The verification asks it for five seconds; on the way back the server is free again.
    const failed = await ended;
    await letGo(node, 'resumed');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('gen_servers');
    expect(await client.call('whoami')).toMatchObject({ version: LAB_BEFORE });
  });
});

describe('without an upgrade', () => {
  it('a process that somebody has suspended goes on, and nothing else is done', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    expect(await resume(node)).toEqual({ ...NOTHING, version: LAB_BEFORE });
    await client.call('lab', { request: ['sys', 'suspend'] });
    await client.call('lab', { request: ['note'], times: 2 });
    const statusOf = async () =>
      (await node.ctlJson<ProcessRow[]>('processes', '--name', 'lab')).find(({ name }) => name === 'lab');
    expect(await statusOf()).toMatchObject({ status: 'suspended', mailbox: 2 });
    expect(await resume(node)).toEqual({
      ...NOTHING,
      outcome: 'resumed',
      version: LAB_BEFORE,
      resumed: ['lab'],
    });
    expect(await statusOf()).toMatchObject({ status: 'waiting', mailbox: 0, handled: 2 });
  });
});
