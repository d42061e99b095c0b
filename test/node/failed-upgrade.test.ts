import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { cites } from '../requirements.ts';
import { startLoad } from '../support/load.ts';
import { call2026, SessionClient } from '../support/mcp.ts';
import { alive, eventually, run, startNode } from '../support/test-node.ts';

const REASON = cites('log.reason').replace('...}', '');

describe(`${cites('scenario.2')}`, () => {
  it('rolls itself back, loses nothing, and can be tried again', async () => {
    const node = await startNode({ packages: ['2.1.0', '3.0.0', '3.0.1'] });
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    const stop = await startLoad(node.url, 2);

    const failed = await node.script('upgrade.sh', '3.0.1');
    expect(failed.code, cites('decision.completes_no')).toBe(1);
    expect(failed.stderr + failed.stdout).toContain('transformation_failed');
    expect(await client.call('whoami'), cites('rule.automatic_rollback') + cites('scenario.2.4')).toEqual({
      version: '2.1.0',
      pid,
    });

    const grep = await run(
      '/bin/sh',
      ['-c', `cd "$ERLMCP_HOME" && ${cites('command.grep_errors')}`],
      node.env,
    );
    expect(grep.stdout, cites('scenario.2.1')).toContain(cites('log.upgrade_failed'));
    expect(grep.stdout, cites('scenario.2.2')).toContain(REASON);
    const log = node.log('upgrade').split('\n');
    const failedAt = log.findIndex((line) => line.includes(cites('log.upgrade_failed')));
    expect(log[failedAt + 1]).toContain(REASON);
    expect(log.slice(failedAt).some((line) => line.includes(cites('log.automatic_rollback')))).toBe(true);

    const again = await node.script('downgrade.sh', '2.1.0');
    expect(again.code, cites('scenario.2.3')).toBe(0);
    const reattempt = await node.script('upgrade.sh', '3.0.0');
    expect(reattempt.code, cites('scenario.2.6') + cites('decision.rollback_yes')).toBe(0);
    const report = await stop();
    expect(report.failures).toEqual([]);
    for (const id of report.notes) expect(await client.call('note_get', { id })).toMatchObject({ id });
  });
});

/** Puts a release with a fault into the node's packages. */
const addFaulty = (home: string, phase: string, kind: 'throw' | 'exit' | 'hang' | 'slow') =>
  buildVariant({ vsn: '3.0.2', fault: { phase, kind } }, join(home, 'packages'));

describe('a release that fails', () => {
  it('in the smoke test, after the commit point, is taken back with its servers’ states', async () => {
    const node = await startNode();
    await addFaulty(node.home, 'post_flight_checks', 'throw');
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    await client.call('counter_increment');
    const { count } = await client.call<{ count: number }>('counter_increment');
    const failed = await node.script('upgrade.sh', '3.0.2');
    expect(failed.code, cites('decision.verification_no') + cites('workflow.2.6')).toBe(1);
    expect(node.log('upgrade')).toContain('Upgrade failed at phase: post_flight_checks');
    expect(await client.call('whoami'), cites('decision.integrity_yes')).toEqual({ version: '2.1.0', pid });
    expect(await client.call('counter_increment')).toEqual({ count: count + 1 });
  });

  it('as it loads, changes nothing', async () => {
    const node = await startNode();
    await addFaulty(node.home, 'load_modules', 'exit');
    const { pid } = await call2026<{ pid: number }>(node.url, 'whoami');
    expect((await node.script('upgrade.sh', '3.0.2')).code).toBe(1);
    expect(await call2026(node.url, 'whoami')).toEqual({ version: '2.1.0', pid });
    expect(node.runners()).toEqual([pid]);
  });

  it('as its servers resume, ends on the version before', async () => {
    const node = await startNode();
    await addFaulty(node.home, 'resume_supervisors', 'exit');
    const client = await SessionClient.open(node.url);
    expect((await node.script('upgrade.sh', '3.0.2')).code).toBe(1);
    expect(await client.call('whoami')).toMatchObject({ version: '2.1.0' });
    expect(await client.call('counter_increment')).toHaveProperty('count');
    await eventually('the faulty runner to be gone', () => node.runners().every((pid) => alive(pid)));
  });
});

describe('an upgrade that hangs', () => {
  it('is given up by a downgrade with force', async () => {
    const node = await startNode({ config: { timeouts: { heartbeat_ms: 60_000 } } });
    await addFaulty(node.home, 'transform_state', 'hang');
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    const hanging = node.script('upgrade.sh', '3.0.2');
    await eventually('transform_state', async () => {
      const { phase } = await node.ctlJson<{ phase: string | null }>('status');
      return phase === 'transform_state';
    });
    const second = await node.script('upgrade.sh', '3.0.0');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('{upgrade_in_progress, "3.0.2"}');
    const scripts = new URL('../../scripts', import.meta.url).pathname;
    const line = `cd "$ERLMCP_HOME" && ln -s '${scripts}' scripts && ${cites('command.downgrade_force')}`;
    const forced = await run('/bin/sh', ['-c', line], node.env);
    expect(line).toContain(cites('option.force'));
    expect(forced.stderr).toBe('');
    expect(forced.code, cites('scenario.4.4') + cites('decision.integrity_no')).toBe(0);
    expect((await hanging).code).not.toBe(0);
    expect(await client.call('whoami')).toEqual({ version: '2.1.0', pid });
    expect(await client.call('counter_increment')).toEqual({ count: 1 });
  });
});

describe('pre-flight', () => {
  it('proceeds when its checks pass and refuses when one does not, with nothing changed', async () => {
    const node = await startNode();
    const { pid } = await call2026<{ pid: number }>(node.url, 'whoami');
    const rehearsed = await node.ctl('upgrade', '3.0.0', '--dry-run', '--json');
    expect(rehearsed.code, cites('decision.pre_flight_yes') + cites('scenario.1.1')).toBe(0);
    const { findings } = JSON.parse(rehearsed.stdout) as {
      findings: { name: string; limit: string | null; status: string }[];
    };
    const limitOf = (name: string) => findings.find((finding) => finding.name === name)?.limit ?? '';
    expect(limitOf('disk_free'), cites('threshold.disk')).toContain('100 MB');
    expect(limitOf('memory_free'), cites('threshold.memory_free')).toContain('512 MB');
    expect(findings.find(({ name }) => name === 'listeners')?.status, cites('threshold.network')).toBe(
      'passed',
    );
    expect(await call2026(node.url, 'whoami')).toEqual({ version: '2.1.0', pid });

    rmSync(join(node.home, 'packages/erlmcp-3.0.0.tar.gz.sha256'));
    const refused = await node.script('upgrade.sh', '3.0.0', '--force');
    expect(refused.code, cites('decision.pre_flight_no')).toBe(1);
    expect(await call2026(node.url, 'whoami')).toEqual({ version: '2.1.0', pid });
  });
});

describe('a host that is killed during an upgrade', () => {
  it('is wholly before or wholly after it when it is started again', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'kept' });
    for (const [line, version, code] of [
      ['Phase backup_state done', '2.1.0', 1],
      ['Upgrade completed successfully', '3.0.0', 0],
    ] as const) {
      const running = node.script('upgrade.sh', '3.0.0');
      await eventually(line, () => node.log('upgrade').split('was interrupted').at(-1)?.includes(line));
      await node.crash();
      await node.start();
      // Who followed it is told which version the node runs now.
      expect((await running).code).toBe(code);
      expect(await client.call('whoami')).toMatchObject({ version });
      expect(await client.call('note_get', { id })).toMatchObject({ text: 'kept' });
      expect(node.log('upgrade')).toMatch(/was interrupted (before|after) its commit point/);
      await eventually('survivors to be gone', () => node.runners().length === 1);
    }
  });
});
