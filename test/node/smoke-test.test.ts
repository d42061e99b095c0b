/** The runbook's verification checklist, each line on a live node: what it says when all is well, and when it is not. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { OperationResult } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { holdWriter } from '../support/held-writer.ts';
import { failLab, startLab } from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { startNode, type TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

async function verify(
  node: TestNode,
  version: string,
): Promise<Map<string, OperationResult['findings'][number]>> {
  const { findings } = await node.ctlJson<OperationResult>('upgrade', version, '--verify-only');
  return new Map(findings.map((finding) => [finding.name, finding]));
}

/** Each line of the checklist, and the checks that are its. */
const LINES = [
  [cites('check.applications_started'), ['applications']],
  [cites('check.supervisors_running'), ['supervisors']],
  [cites('check.gen_servers_reachable'), ['gen_servers']],
  [cites('check.ets_tables_intact'), ['tables']],
  [cites('check.mnesia_consistent'), ['mnesia']],
  [cites('check.registry_functional'), ['registry']],
  [cites('check.transports_operational'), ['transport_http', 'transport_stdio']],
  [cites('check.version_correct'), ['version']],
  [cites('check.no_error_spikes'), ['error_lines']],
] as const;

describe('the smoke test', () => {
  it('has every line of the checklist, and passes on a sound node', async () => {
    const node = await startNode();
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const found = await verify(node, '3.0.0');
    for (const [line, names] of LINES)
      for (const name of names) expect([line, name, found.get(name)?.status]).toEqual([line, name, 'passed']);
    // A few seconds after the switch nothing can be said of its speed, and that is said.
    expect(found.get('performance'), cites('check.performance')).toMatchObject({
      status: 'skipped',
      value: expect.stringMatching(/^(not_enough_data|no_baseline)$/),
      message: expect.stringContaining('baseline'),
    });
    expect(found.get('supervisors')?.value).toMatch(/^\d+ supervisors$/);
    const shown = await node.ctl('eval', 'erlmcp_upgrade_smoke_test:run_post_downgrade_checks().');
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/^\{ok,\[\{version,passed,"3\.0\.0"\}/),
    ]);
  });

  it('names another version, an application that has ended, and a store that takes no writes', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await failLab(client);
    const release = await holdWriter(node);
    const found = await verify(node, '9.9.9');
    const failed = [...found.values()].filter(({ status }) => status === 'failed').map(({ name }) => name);
    expect(failed, cites('workflow.2.1')).toEqual(
      expect.arrayContaining(['version', 'applications', 'mnesia']),
    );
    expect(found.get('mnesia')?.message).toContain('{not_writable, "disc"}');
    expect(found.get('applications')?.message).toContain('{application_not_started, "lab"}');
    await release();
  });

  it('sees a spike of errors in the log', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    // Each time that its server crashes is a line; its application ends meanwhile, and is started again.
    for (let round = 0; round < 4; round++) {
      await failLab(client);
      await node.ctl('restart', 'lab', '--kind', 'application');
    }
    const found = await verify(node, '4.0.0');
    expect(found.get('error_lines')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('{error_spike, '),
    });
  });

  it('sees a transport that is not there and a server that does not answer', async () => {
    const node = await startLab();
    const pid = node.runner();
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(pid, 'SIGCONT'));
    const found = await verify(node, '4.0.0');
    process.kill(pid, 'SIGCONT');
    for (const name of ['gen_servers', 'supervisors', 'applications', 'transport_http', 'transport_stdio'])
      expect([name, found.get(name)?.status]).toEqual([name, 'failed']);
  });
});
