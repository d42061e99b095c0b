import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore, table } from '../../src/tables/index.ts';
import { until } from './helpers.ts';

const OPENER = new URL('../support/open-store.ts', import.meta.url).pathname;

async function opened() {
  const dir = mkdtempSync(join(tmpdir(), 'erlmcp-opening-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const notes = table<{ id: string; text: string }, string>({
    name: 'notes',
    version: 1,
    key: 'id',
    storage: 'disc',
  });
  const store = await openStore({ dir });
  onTestFinished(() => store.close());
  await store.attach([notes]);
  return { dir, notes, store };
}

it('loses no write to other processes that open the store while writes are held', {
  timeout: 240_000,
}, async () => {
  const { dir, notes, store } = await opened();
  const acknowledged: string[] = [];
  let running = true;
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let n = 0; running; n++) {
      const id = `${writer}-${n}`;
      await notes.put({ id, text: 'x' });
      acknowledged.push(id);
    }
  });
  for (let round = 0; round < 25; round++) {
    const before = acknowledged.length;
    await store.holdWrites();
    const child = fork(OPENER, [dir], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await once(child, 'message');
    store.releaseWrites();
    expect((await ended)[0]).toBe(0);
    await until('a write of this round', () => acknowledged.length > before);
  }
  running = false;
  await Promise.all(writers);
  store.refresh();
  expect(acknowledged.filter((id) => notes.get(id) === undefined)).toEqual([]);
});

it('keeps writes that are held in order, and lets them go', async () => {
  const { notes, store } = await opened();
  await store.holdWrites();
  let done = false;
  const writes = Promise.all([
    notes.put({ id: '1', text: 'first' }),
    notes.update('1', (row) => row && { ...row, text: `${row.text}, second` }),
    store.transaction((within) => within(notes).put({ id: '2', text: 'third' })),
  ]).then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(done).toBe(false);
  expect(notes.get('1')).toBeUndefined();
  expect(() => store.transactionSync(() => undefined)).toThrow(/another process/);
  store.releaseWrites();
  await writes;
  expect(notes.get('1')).toEqual({ id: '1', text: 'first, second' });
  expect(notes.get('2')).toEqual({ id: '2', text: 'third' });
});
