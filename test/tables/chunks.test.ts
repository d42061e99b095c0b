/** Work on whole tables, and loops over them, keep neither a snapshot nor the writer lock for longer than a chunk. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Lens, table } from '../../src/tables/index.ts';
import { makeTables, type NoteV1, type NoteV2, note, toV2 } from './fixtures/notes.ts';
import { fixture, tempDir, tempStore } from './helpers.ts';

const MILLISECOND_EACH: Lens<NoteV1, NoteV2> = {
  ...toV2,
  up: (older) => {
    for (const end = performance.now() + 1; performance.now() < end; );
    return toV2.up(older);
  },
};
/** A chunk is 10 ms, in which so many rows of a millisecond each never fit. */
const MOST_IN_A_CHUNK = 20;
const ROWS = Array.from({ length: 100 }, (_, index) => note(`n${index}`));

async function withRows(lens: Lens<NoteV1, NoteV2>, rows = ROWS) {
  const dir = tempDir();
  const store = await tempStore({ dir });
  const { v1, v2 } = makeTables();
  const chain = [{ version: 1 }, { version: 2, lens }];
  await store.attach([v1, v2], { notes: chain });
  await store.transaction((within) => {
    for (const row of rows) within(v1).put(row);
  });
  return { dir, store, v1, v2, chain };
}

const longest = (seen: readonly number[]): number =>
  Math.max(...seen.map((rows, index) => rows - (seen[index - 1] ?? 0)));

describe('rule 4: in chunks', () => {
  it('go the rows that were written during a scan', async () => {
    const { store, v2 } = await withRows(MILLISECOND_EACH);
    const seen: number[] = [];
    const keys = ROWS.map(({ id }) => id);
    await store.verifyKeys({ table: v2, onProgress: ({ rows }) => seen.push(rows) }, keys);
    expect([seen.at(-1), longest(seen) < MOST_IN_A_CHUNK]).toEqual([ROWS.length, true]);
  });

  it('an index is built, and others write in between', async () => {
    const { dir, v1, chain } = await withRows(MILLISECOND_EACH);
    const wider = table<NoteV2, string>({
      name: 'notes',
      version: 2,
      key: 'id',
      type: 'ordered_set',
      storage: 'disc',
      index: ['priority'],
    });
    const builder = await tempStore({ dir });
    await builder.attach([wider], { notes: chain });
    const seen: number[] = [];
    let writtenAt: number | undefined;
    let write: Promise<void> | undefined;
    await builder.maintenance.buildIndexes({
      onProgress: ({ rows }) => {
        seen.push(rows);
        write ??= v1.put(note('between')).then(() => {
          writtenAt = seen.length;
        });
      },
    });
    expect([seen.at(-1), longest(seen) < MOST_IN_A_CHUNK]).toEqual([ROWS.length, true]);
    expect(writtenAt).toBeLessThan(seen.length);
    await write;
  });

  it('rows are settled', async () => {
    const { dir, chain } = await withRows(MILLISECOND_EACH);
    const newer = await tempStore({ dir });
    await newer.attach([makeTables().v2], { notes: chain });
    const seen: number[] = [];
    await newer.maintenance.settle({ share: 1, onProgress: ({ looked }) => seen.push(looked) });
    expect([seen.at(-1), longest(seen) < MOST_IN_A_CHUNK]).toEqual([ROWS.length, true]);
  });

  it('of which each ends with its snapshot', async () => {
    let other: string | undefined;
    const { dir, store, v1, v2 } = await withRows({
      ...toV2,
      up: (older) => {
        other ??= String(spawnSync(process.execPath, [fixture('put-once.ts'), dir, 'zz', 'theirs']).stderr);
        return toV2.up(older);
      },
    });
    const seen: unknown[] = [];
    await store.verifyLens({ table: v2, onProgress: () => seen.push(v1.get('zz')?.text) });
    expect([other, seen[0]]).toEqual(['', 'theirs']);
  });

  it('a loop over an index goes, which keeps no snapshot while it waits', async () => {
    const store = await tempStore();
    const notes = table<NoteV1, string>({
      name: 'notes',
      version: 1,
      key: 'id',
      storage: 'disc',
      index: ['count'],
    });
    await store.attach([notes]);
    await Promise.all(Array.from({ length: 200 }, (_, count) => notes.put(note(`a${count}`, '', count))));
    const seen: string[] = [];
    for (const { id } of notes.rangeBy('count')) {
      if (seen.length === 0) await notes.put(note('z', '', 999));
      seen.push(id);
    }
    expect([seen.length, seen.at(-1)]).toEqual([201, 'z']);
  });
});
