/** A version that failed and is built anew: another lens and schema under the same table version, while no row of it exists. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildVariant, type Fault } from '../../examples/workspace/variants.ts';
import { ctlText } from '../support/ctl.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { printedRow } from '../support/printed.ts';
import { startNode, type TestNode } from '../support/test-node.ts';

const build = (node: TestNode, options: { fault?: Fault; priority?: number }) =>
  buildVariant(
    {
      vsn: '3.0.0',
      ...(options.fault && { fault: options.fault }),
      edit: async (folder) => {
        if (options.priority === undefined) return;
        await replaceIn(join(folder, 'appup.ts'), 'priority: 0', `priority: ${options.priority}`);
        await replaceIn(join(folder, 'notes.ts'), '.max(9)', '.max(99)');
      },
    },
    join(node.home, 'packages'),
  );

describe('a release that is built anew after a failed attempt', { timeout: 180_000 }, () => {
  it('is accepted while no row of the failed build exists', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'of 2.1.0' });
    await build(node, { fault: { phase: 'post_flight_checks', kind: 'throw' } });
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(1);

    await build(node, { priority: 7 });
    expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0 });
    expect(await client.call('note_get', { id })).toMatchObject({ text: 'of 2.1.0', priority: 7 });
  });

  it('is refused, again and again, once there is one, and the first build still goes', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const { id } = await client.call<{ id: string }>('note_add', { text: 'of 3.0.0', priority: 3 });
    expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
    expect(await node.erlmcp('stop')).toMatchObject({ code: 0 });
    await node.start();

    await build(node, { priority: 7 });
    for (const attempt of [1, 2]) {
      const refused = await node.script('upgrade.sh', '3.0.0');
      expect([attempt, refused.code, refused.stderr]).toEqual([
        attempt,
        1,
        expect.stringContaining('{table_shape_changed, notes, 2}'),
      ]);
    }
    expect(await client.call('note_get', { id })).toMatchObject({ text: 'of 3.0.0' });
    await build(node, {});
    expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0 });
    expect(await client.call('note_get', { id })).toMatchObject({ text: 'of 3.0.0', priority: 3 });
  });

  it('may give a table that it alone has declared another key, type and storage', async () => {
    const node = await startNode();
    const withTags = (table: string, fault?: Fault) =>
      buildVariant(
        {
          vsn: '3.0.0',
          ...(fault && { fault }),
          edit: async (folder) => {
            const file = join(folder, 'workspace.ts');
            await replaceIn(file, 'tables: [', `tables: [table(${table}), `);
            await replaceIn(file, '{ defineApplication }', '{ defineApplication, table }');
          },
        },
        join(node.home, 'packages'),
      );
    await withTags("{ name: 'tags', version: 1, key: 'id', storage: 'ram', type: 'set' }", {
      phase: 'post_flight_checks',
      kind: 'throw',
    });
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(1);
    expect((await ctlText(node, 'ets_tables')).includes('tags')).toBe(true);

    await withTags("{ name: 'tags', version: 1, key: 'tag', storage: 'disc', type: 'ordered_set' }");
    expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0, stderr: '' });
    const tags = printedRow(await ctlText(node, 'ets_tables'), 'NAME', 'tags');
    expect([tags?.TYPE, tags?.STORAGE]).toEqual(['ordered_set', 'disc']);
  });
});
