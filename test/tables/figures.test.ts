import { expect, it } from 'vitest';
import { chains, makeTables, note } from './fixtures/notes.ts';
import { tempStore } from './helpers.ts';

const ROWS = 200_000;
const key = (at: number): string => String(at).padStart(8, '0');

it('are there at once for a large table, from its statistics and a sample of both ends', async () => {
  const store = await tempStore();
  const { v1, v2 } = makeTables();
  await store.attach([v1, v2], chains);
  const before = (await store.figures({ timeoutMs: 1_000 })).find(({ storage }) => storage === 'disc');
  expect(before?.tables).toMatchObject([{ name: 'notes', rows: 0, bytes: 0, versions: null }]);
  for (let at = 0; at < ROWS; at += 20_000)
    await store.transaction((within) => {
      for (let row = at; row < at + 20_000; row++) within(v1).put(note(key(row), 'text'));
    });
  await v2.put({ ...note(key(ROWS - 1)), tags: [], priority: 1 });

  const after = (await store.figures({ timeoutMs: 1_000, versionsOf: 1_000 })).find(
    ({ storage }) => storage === 'disc',
  );
  const [notes] = after?.tables ?? [];
  expect(notes?.rows).toBe(ROWS);
  expect(notes?.bytes).toBeGreaterThan(ROWS * 20);
  expect(after?.usedBytes).toBeGreaterThanOrEqual(notes?.bytes ?? 0);
  expect(after?.lastTransaction).toBeGreaterThan(before?.lastTransaction ?? 0);
  expect(after?.writable).toBe(true);
  const { looked = 0, rows = {} } = notes?.versions ?? {};
  expect(looked).toBeLessThanOrEqual(1_000);
  // The one row of version 2 is the last of all.
  expect(rows).toEqual({ 1: looked - 1, 2: 1 });
});

it('of a table that is small enough count all of its rows', async () => {
  const store = await tempStore();
  const { v1, v2 } = makeTables();
  await store.attach([v1, v2], chains);
  await Promise.all(['a', 'b', 'c'].map((id) => v1.put(note(id))));
  await v2.put({ ...note('b'), tags: ['x'], priority: 1 });
  const [disc] = await store.figures({ timeoutMs: 1_000, versionsOf: 10 });
  expect(disc?.tables[0]?.versions).toEqual({ looked: 3, rows: { 1: 2, 2: 1 } });
});
