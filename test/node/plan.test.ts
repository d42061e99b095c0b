/** An upgrade that is held to the plan of a dry run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import type { OperationResult } from '../../src/control/types.ts';
import { AUDIT_VERSION, addAuditRelease } from '../support/audit-release.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { startNode, type TestNode } from '../support/test-node.ts';

async function planOf(node: TestNode, vsn = '3.0.0'): Promise<string> {
  const { plan } = await node.ctlJson<OperationResult>('upgrade', vsn, '--dry-run');
  expect(plan).toMatch(/^[0-9a-f]{12}$/);
  return plan ?? '';
}

it('goes through while all is as it was, whatever clients write meanwhile', async () => {
  const node = await startNode();
  const client = await SessionClient.open(node.url);
  const plan = await planOf(node);
  await client.call('note_add', { text: 'later' });
  expect(await planOf(node)).toBe(plan);
  const result = await node.ctlJson<OperationResult>('upgrade', '3.0.0', `--plan=${plan}`);
  expect([result.outcome, result.current_version, result.plan]).toEqual(['completed', '3.0.0', plan]);
});

it('is refused when it is not known, or is for another version', async () => {
  const node = await startNode({ packages: ['2.1.0', '3.0.0', '3.0.1'] });
  const unknown = await node.script('upgrade.sh', '3.0.0', '--plan=0123456789ab');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toMatch(/^erlmcpctl: \{unknown_plan, "0123456789ab"\}: .*--dry-run/m);
  const plan = await planOf(node);
  const other = await node.script('upgrade.sh', '3.0.1', `--plan=${plan}`);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain(`{plan_outdated, "${plan}", ["package"`);
  expect(other.stderr).toContain('the plan is for 3.0.0, not 3.0.1');
});

const upgradeWith = (node: TestNode, plan: string) => node.script('upgrade.sh', '3.0.0', `--plan=${plan}`);

it('is refused when the package was built anew', async () => {
  const node = await startNode();
  const plan = await planOf(node);
  await buildVariant(
    { vsn: '3.0.0', edit: (folder) => replaceIn(join(folder, 'counter.ts'), 'LIMIT = 100', 'LIMIT = 99') },
    join(node.home, 'packages'),
  );
  const { code, stderr } = await upgradeWith(node, plan);
  expect(code).toBe(1);
  expect(stderr).toContain(`{plan_outdated, "${plan}", ["package"]}`);
  expect(stderr).toContain('the package of 3.0.0 is another build');
  expect(await planOf(node)).not.toBe(plan);
});

it('is refused when the configuration was changed', async () => {
  const node = await startNode();
  const plan = await planOf(node);
  writeFileSync(join(node.home, 'erlmcp.json'), JSON.stringify({ timeouts: { suspend_ms: 4_000 } }));
  await node.erlmcp('stop');
  await node.start();
  const { code, stderr } = await upgradeWith(node, plan);
  expect(code).toBe(1);
  expect(stderr).toContain('the configuration has changed (timeouts)');
});

it('is refused when the node was upgraded meanwhile', async () => {
  const node = await startNode();
  const plan = await planOf(node);
  await addAuditRelease(node);
  expect((await node.script('upgrade.sh', AUDIT_VERSION)).code).toBe(0);
  const { code, stderr } = await upgradeWith(node, plan);
  expect(code).toBe(1);
  expect(stderr).toContain(`the node runs ${AUDIT_VERSION}, not 2.1.0`);
  expect(stderr).toContain('Make another plan with: scripts/upgrade.sh 3.0.0 --dry-run');
  const { versions } = await node.ctlJson<{ versions: { release: string } }>('status');
  expect(versions.release).toBe(AUDIT_VERSION);
});
