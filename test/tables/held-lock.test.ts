/** A runner of a real node that stands still in the middle of a transaction. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { alive, eventually, makeHome } from '../support/test-node.ts';

const STOP = `if (text === 'stand still')
    await transaction(notes, (within) => {
      within(notes).put(note);
      process.kill(process.pid, 'SIGSTOP');
    });
  else await notes.put(note);`;

it('rule 1: is killed for the lock that it holds, long before it misses its heartbeat', {
  timeout: 180_000,
}, async () => {
  const node = await makeHome({ packages: [], config: { timeouts: { heartbeat_ms: 30_000 } } });
  onTestFinished(() => node.remove());
  await buildVariant(
    {
      vsn: '3.1.0',
      edit: async (folder) => {
        await replaceIn(join(folder, 'notes.ts'), 'import { table }', 'import { table, transaction }');
        await replaceIn(join(folder, 'notes.ts'), 'await notes.put(note);', STOP);
      },
    },
    join(node.home, 'packages'),
  );
  await node.start('--release', '3.1.0');
  const client = await SessionClient.open(node.url);
  await client.call('note_add', { text: 'before' });
  const pid = node.runner();
  const held = client.call('note_add', { text: 'stand still' }).catch((error: Error) => error);
  await eventually('the end of the runner', () => !alive(pid), 60_000);
  expect(await held).toBeInstanceOf(Error);
  await client.call('note_add', { text: 'after' });
  const { notes } = await client.call<{ notes: { text: string }[] }>('note_list');
  expect(notes.map(({ text }) => text)).toEqual(['after', 'before']);
  expect(node.log('erlmcp')).toMatch(/it held the writer lock of the tables for more than 1000 ms/);
  expect(node.log('erlmcp')).not.toMatch(/missed its heartbeat/);
});
