/** `upgrades` and `upgrade --cancel` of a live node: what was done to it, by whom, and what became of it. */
import { hostname, userInfo } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import type { UpgradeRow } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { LAB_AFTER, LAB_BEFORE, letGo, startLab, upgradeInto } from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { headOf, printedRows } from '../support/printed.ts';
import { eventually, startNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const rowsOf = async (node: { home: string }) =>
  printedRows(await ctlText(node, 'upgrades'), headOf(cites('column.upgrades.id')));

describe('the history', () => {
  it('has each operation with its phases, who asked for it, what for, and how its watch ended', async () => {
    const node = await startNode();
    expect((await node.ctl('upgrades')).stdout).toBe('No upgrade yet.\n');
    expect((await node.script('upgrade.sh', '3.0.0', '--dry-run')).code).toBe(0);
    expect((await node.script('upgrade.sh', '3.0.0', '--why=CHANGE-17')).code).toBe(0);
    expect((await node.ctl('upgrade', '--accept')).code).toBe(0);
    expect((await node.script('upgrade.sh', '9.9.9')).code).toBe(1);
    expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);

    const rows = await rowsOf(node);
    const shown = rows.map((row) => [
      row[headOf(cites('column.upgrades.id'))],
      row[headOf(cites('column.upgrades.kind'))],
      row[headOf(cites('column.upgrades.from'))],
      row[headOf(cites('column.upgrades.to'))],
      row[headOf(cites('column.upgrades.outcome'))],
      row[headOf(cites('column.upgrades.watch'))],
      row[headOf(cites('column.upgrades.why'))],
    ]);
    expect(shown).toEqual([
      ['4', 'downgrade', '3.0.0', '2.1.0', 'completed', expect.anything(), '-'],
      ['3', 'upgrade', '3.0.0', '9.9.9', 'failed', '-', '-'],
      ['2', 'upgrade', '2.1.0', '3.0.0', 'completed', 'accepted', 'CHANGE-17'],
      ['1', 'dry_run', '2.1.0', '3.0.0', 'completed', '-', '-'],
    ]);
    const { [headOf(cites('column.upgrades.by'))]: by } = rows[2]!;
    expect(by).toBe(`${process.env.SUDO_USER || userInfo().username}@${hostname()}`);
    expect(rows[2]![headOf(cites('column.upgrades.verdict'))]).toBe('not_enough_data');
    expect(rows[1]![headOf(cites('column.upgrades.reason'))]).toMatch(/^\{.*"9\.9\.9"/);
    expect(rows[2]![headOf(cites('column.upgrades.took'))]).toMatch(/^[\d.]+ m?s$/);
    expect(rows[2]![headOf(cites('column.upgrades.longest_phase'))]).toMatch(/^[a-z_]+ [\d.]+ m?s$/);
    expect(rows[2]![headOf(cites('column.upgrades.started'))]).toMatch(/Z$/);
    const [full] = await node.ctlJson<UpgradeRow[]>('upgrades', '--outcome', 'completed', '--limit', '1');
    expect(full?.phases).toHaveLength(8);
  });
});

describe('an upgrade that is cancelled', () => {
  it('leaves the old version as it was, and can be tried again', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    const nothing = await node.ctl('upgrade', '--cancel');
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('{no_upgrade, ')]);
    const { ended } = await upgradeInto(node, 'codeChange');
    const given = await node.ctl('upgrade', '--cancel');
    expect([given.code, given.stdout]).toEqual([
      0,
      `The upgrade to ${LAB_AFTER} is given up; ${LAB_BEFORE} serves.\n`,
    ]);
    const upgrade = await ended;
    expect([upgrade.code, upgrade.stderr]).toEqual([
      1,
      expect.stringContaining(`{cancelled, "${LAB_AFTER}"}`),
    ]);
    expect(await client.call('counter_increment')).toEqual({ count: 2 });
    await letGo(node, 'codeChange');
    await eventually('the end of what hung', async () =>
      (await node.ctl('status')).stdout.includes('upgrade    '),
    );
    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    expect(await client.call('counter_increment')).toEqual({ count: 3 });
    const rows = await rowsOf(node);
    expect(rows.map(({ OUTCOME }) => OUTCOME)).toEqual(['completed', 'aborted']);
  });

  it('past its commit point is refused, with the way back', async () => {
    const node = await startLab();
    const { ended } = await upgradeInto(node, 'resumed');
    const refused = await node.ctl('upgrade', '--cancel');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/\{committed, "[^\n]*erlmcpctl downgrade [^\n]* --force\n$/),
    ]);
    await letGo(node, 'resumed');
    expect((await ended).code).toBe(0);
  });
});
