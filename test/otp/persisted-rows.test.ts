/** States of `persist: true` servers as the runner keeps them: rows of the node's own tables. */
import { expect, it, vi } from 'vitest';
import { genServer, ProcessTable, reply } from '../../src/otp/index.ts';
import { Storage } from '../../src/runner/storage.ts';
import { emptyRam } from '../../src/tables/index.ts';
import { note } from '../tables/fixtures/notes.ts';
import { isStopped, OtherProcess, tempDir, tempStore, until } from '../tables/helpers.ts';

/** Starts another process of Node, which on a busy machine takes seconds. */
vi.setConfig({ testTimeout: 240_000 });

const basket = genServer<{ items: string[] }, { add: (item: string) => number; all: () => string[] }>({
  name: 'basket',
  version: 1,
  persist: true,
  init: () => ({ items: [] }),
  handleCall: (request, _from, { items }) =>
    request[0] === 'add'
      ? reply(items.length + 1, { items: [...items, request[1]] })
      : reply(items, { items }),
});

async function open(dir: string): Promise<{ storage: Storage; table: ProcessTable }> {
  const storage = await Storage.open(dir, [], undefined, false, () => undefined);
  const table = new ProcessTable({ persistence: storage.persistence(() => 1) });
  await table.start(basket);
  return { storage, table };
}

it('rule 12: no reply comes before the row is committed, and it is there when the node boots again', async () => {
  const dir = tempDir();
  const { storage, table } = await open(dir);
  const host = await tempStore({ dir, asyncOnly: true });
  const other = await OtherProcess.start(dir);
  other.send({ op: 'hold', row: note('held') });
  await until('the other process to be stopped', () => isStopped(other.child.pid));
  let replied = false;
  const added = table.call('basket', ['add', 'egg'], 240_000).then((count) => {
    replied = true;
    return count;
  });
  expect([await host.probeWriter(300), replied]).toEqual([false, false]);
  await other.kill();
  expect(await added).toBe(1);
  await storage.close();
  await host.close();
  await emptyRam(dir);
  const again = await open(dir);
  expect(await again.table.call('basket', ['all'])).toEqual(['egg']);
  await again.storage.close();
});
