import { describe, expect, it } from 'vitest';
import type { StatusResult } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { startLoad } from '../support/load.ts';
import { call2026, SessionClient } from '../support/mcp.ts';
import { eventually, run, startNode, type TestNode } from '../support/test-node.ts';

/** Runs the runbook's own command line in the node's home, where the scripts are linked as an operator has them. */
async function operator(node: TestNode, commandLine: string) {
  const scripts = new URL('../../scripts', import.meta.url).pathname;
  return await run(
    '/bin/sh',
    ['-c', `cd "$ERLMCP_HOME" && { [ -e scripts ] || ln -s '${scripts}' scripts; } && ${commandLine}`],
    node.env,
    120_000,
  );
}

const lineOf = (log: string, text: string): number =>
  log.split('\n').findIndex((line) => line.includes(text));

/** Every id once, without a gap, from 1 on. */
const isSequence = (counts: number[]): boolean => {
  const sorted = [...counts].sort((a, b) => a - b);
  return sorted.every((count, index) => count === index + 1);
};

describe(`${cites('scenario.1')}`, () => {
  it('loses nothing under load, there and back', async () => {
    const node = await startNode();
    const listener = await SessionClient.open(node.url);
    const stream = await listener.stream();
    const idle = await SessionClient.open(node.url);
    const before = await idle.call<{ version: string; pid: number }>('whoami');
    const stop = await startLoad(node.url);

    const upgrade = await operator(node, cites('command.upgrade'));
    expect(upgrade, cites('scenario.1.2')).toMatchObject({ code: 0 });
    for (const phase of [
      cites('phase.pre_flight_checks'),
      cites('phase.backup_state'),
      cites('phase.load_modules'),
      cites('phase.suspend_supervisors'),
      cites('phase.transform_state'),
      cites('phase.migrate_data'),
      cites('phase.resume_supervisors'),
      cites('phase.post_flight_checks'),
    ])
      expect(upgrade.stdout, phase).toMatch(new RegExp(`${phase} \\.\\.\\. done`));
    expect(upgrade.stdout, cites('decision.completes_yes')).toContain('completed: 8 phases');
    const after = await idle.call<{ version: string; pid: number }>('whoami');
    expect(after.version).toBe('3.0.0');
    expect(after.pid).not.toBe(before.pid);
    await eventually('list_changed', () =>
      stream.messages.some(({ method }) => method === 'notifications/tools/list_changed'),
    );

    const verified = await node.script('upgrade.sh', '3.0.0', '--verify-only');
    expect(verified.code, cites('scenario.1.3')).toBe(0);
    const status = await node.ctlJson<{ watch: { active: boolean; remaining_s: number } }>('status');
    expect(status.watch.active, cites('scenario.1.4') + cites('decision.verification_yes')).toBe(true);
    expect(status.watch.remaining_s).toBeGreaterThan(3_000);

    const back = await operator(node, cites('command.downgrade'));
    expect(back, cites('rule.rollback_plan')).toMatchObject({ code: 0 });
    expect(await idle.call('whoami')).toMatchObject({ version: '2.1.0', pid: before.pid });

    const report = await stop();
    expect(report.failures).toEqual([]);
    expect(report.sent).toBeGreaterThan(100);
    expect(isSequence(report.counts)).toBe(true);
    for (const id of report.notes) expect(await idle.call('note_get', { id })).toMatchObject({ id });
    stream.close();
    expectRunbookLines(node);
  });
});

function expectRunbookLines(node: TestNode): void {
  for (const log of [node.log('upgrade'), node.log('erlmcp')]) {
    const at = [
      lineOf(log, cites('log.upgrade_started')),
      lineOf(log, cites('log.pre_flight_passed')),
      lineOf(log, cites('log.upgrade_completed')),
      lineOf(log, cites('log.verification_passed')),
    ];
    expect(at.includes(-1)).toBe(false);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  }
}

describe('what was written by the newer version', () => {
  it('is there after a rollback, and whole after the next upgrade', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id: first } = await client.call<{ id: string }>('note_add', { text: 'by 2.1.0' });
    await node.script('upgrade.sh', '3.0.0');
    const { id } = await client.call<{ id: string }>('note_add', {
      text: 'by 3.0.0',
      tags: ['kept'],
      priority: 7,
    });
    expect(await client.call('note_get', { id: first })).toMatchObject({
      text: 'by 2.1.0',
      tags: [],
      priority: 0,
    });
    await node.script('downgrade.sh', '2.1.0');
    expect(await client.call('note_get', { id })).toEqual({ id, text: 'by 3.0.0' });
    await node.script('upgrade.sh', '3.0.0');
    expect(await client.call('note_get', { id })).toMatchObject({
      text: 'by 3.0.0',
      tags: ['kept'],
      priority: 7,
    });
  });
});

describe('a call in flight at the flip', () => {
  it('finishes on the old version, and holds nobody up', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const started = Date.now();
    const sleeping = client.call('sleep', { ms: 10_000 }).then(() => Date.now());
    const modern = call2026(node.url, 'sleep', { ms: 10_000 }).then(() => Date.now());
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const upgradedAt = Date.now();
    expect(await client.call('whoami')).toMatchObject({ version: '3.0.0' });
    const { lingering, runners } = await node.ctlJson<{
      lingering: { tool: string }[];
      runners: { role: string }[];
    }>('status');
    if (upgradedAt - started < 9_000) {
      expect(lingering.map(({ tool }) => tool)).toEqual(['sleep', 'sleep']);
      expect(runners.map(({ role }) => role).sort()).toEqual(['active', 'lingering']);
    }
    expect(await sleeping).toBeGreaterThanOrEqual(started + 10_000);
    await modern;
    await eventually('the old runner to be parked', async () => {
      const seen = await node.ctlJson<{ runners: { role: string }[] }>('status');
      return seen.runners.some(({ role }) => role === 'parked');
    });
  });
});

describe('a call that lingers', () => {
  it('does not keep the node from going back, and is ended with an error at the limit', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const finishing = client.call('sleep', { ms: 20_000 });
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const held = await SessionClient.open(node.url);
    const answer = held.call('sleep', { ms: 30_000 }).catch((error: Error) => error.message);
    await eventually(
      'the call',
      async () => (await node.ctlJson<StatusResult>('status')).sessions.calls_in_flight > 1,
    );
    expect((await node.script('downgrade.sh', '2.1.0', '--linger=1')).code).toBe(0);
    expect(await client.call('whoami')).toMatchObject({ version: '2.1.0' });
    expect(await answer).toContain('outlived');
    expect(await finishing, 'it came to the runner that serves again').toMatchObject({});
    expect(node.log('upgrade')).toContain('1 lingering calls were ended at their limit');
  });
});

describe('the watch', () => {
  it('ends by an operator’s word, and the warm runner with it', async () => {
    const node = await startNode();
    await node.script('upgrade.sh', '3.0.0');
    const accepted = await node.ctl('upgrade', '--accept');
    expect(accepted.code, cites('decision.monitoring_yes')).toBe(0);
    await eventually('one runner to be left', () => node.runners().length === 1);
    expect((await node.ctlJson<{ watch: { active: boolean; ended: string } }>('status')).watch).toMatchObject(
      { active: false, ended: 'accepted' },
    );
    expect((await node.script('downgrade.sh', '2.1.0')).code, 'by a freshly started runner').toBe(0);
    expect(await call2026(node.url, 'whoami')).toMatchObject({ version: '2.1.0' });
  });

  it('goes on after the node was killed and started again', async () => {
    const node = await startNode();
    await node.script('upgrade.sh', '3.0.0');
    await node.crash();
    await node.start();
    const status = await node.ctlJson<{ versions: { release: string }; watch: { active: boolean } }>(
      'status',
    );
    expect(status).toMatchObject({ versions: { release: '3.0.0' }, watch: { active: true } });
    expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
    expect(await call2026(node.url, 'whoami')).toMatchObject({ version: '2.1.0' });
  });
});
