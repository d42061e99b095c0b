/** A release that brings an index: built while the version before writes, right at the switch, and gone with its version. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { makeHome } from '../support/test-node.ts';

interface Found {
  notes: { id: string; text: string }[];
}

describe('an index of a newer release', () => {
  it('has every row at the switch, also those written meanwhile, and after the way back and forth', {
    timeout: 180_000,
  }, async () => {
    const node = await makeHome();
    onTestFinished(() => node.remove());
    await buildVariant(
      {
        vsn: '3.1.0',
        edit: async (folder) => {
          const notes = join(folder, 'notes.ts');
          await replaceIn(notes, "type: 'ordered_set',", "type: 'ordered_set',\n  index: ['text'],");
          const words = '  const words = query.toLowerCase();';
          await replaceIn(notes, words, `  return notes.by("text", query).slice(0, limit);\n${words}`);
        },
      },
      join(node.home, 'packages'),
    );
    await node.start('--release', '2.1.0');
    const client = await SessionClient.open(node.url);
    const add = (text: string): Promise<{ id: string }> => client.call('note_add', { text });
    const find = async (text: string): Promise<string[]> => {
      const { notes } = await client.call<Found>('note_search', { query: text, limit: 10_000 });
      return notes.map(({ id }) => id).sort();
    };
    const written: Record<string, string[]> = { before: [], meanwhile: [], back: [], again: [] };
    const write = async (text: string): Promise<void> => {
      const { id } = await add(text);
      written[text]!.push(id);
    };
    for (let at = 0; at < 300; at++) await write('before');

    let upgrading = true;
    const writing = (async () => {
      while (upgrading) await write('meanwhile');
    })();
    expect(await node.script('upgrade.sh', '3.1.0')).toMatchObject({ code: 0 });
    upgrading = false;
    await writing;
    expect(written.meanwhile!.length).toBeGreaterThan(0);
    expect(await find('before')).toEqual(written.before!.sort());
    expect(await find('meanwhile')).toEqual(written.meanwhile!.sort());

    expect(await node.script('downgrade.sh', '2.1.0')).toMatchObject({ code: 0 });
    await write('back');
    expect(await node.script('upgrade.sh', '3.1.0')).toMatchObject({ code: 0 });
    await write('again');
    for (const text of ['before', 'meanwhile', 'back', 'again'])
      expect(await find(text)).toEqual(written[text]!.sort());
    expect((await node.ctl('upgrade', '--accept')).code).toBe(0);
    expect(await find('again')).toEqual(written.again);
    expect(node.log('error')).toBe('');
  });
});
