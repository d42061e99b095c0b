import { describe, expect, it } from 'vitest';
import type { Lens, LensProgress } from '../../src/tables/index.ts';
import { chains, makeTables, type NoteV1, type NoteV2, note, schemaV2, toV2 } from './fixtures/notes.ts';
import { tempStore } from './helpers.ts';

async function withRows(rows: readonly NoteV1[], lens: Lens<NoteV1, NoteV2> = toV2) {
  const store = await tempStore();
  const { v1, v2 } = makeTables();
  const chain = [{ version: 1 }, { version: 2, lens }];
  await store.attach([v1, v2], { notes: chain });
  await Promise.all(rows.map((row) => v1.put(row)));
  return { store, v1, v2, chain };
}

describe('the scan of lenses', () => {
  it('finds nothing where all is well, and counts rows by version', async () => {
    const { store, v2 } = await withRows([note('a'), note('b')]);
    await v2.put({ ...note('c'), tags: ['x'], priority: 1 });
    expect(await store.verifyLens({ table: v2 })).toEqual({
      rows: 3,
      versions: { 1: 2, 2: 1 },
      failed: 0,
      failures: [],
      losses: [],
    });
  });

  it('tells which fields of how many rows a way back would lose', async () => {
    const lossy: Lens<NoteV1, NoteV2> = {
      ...toV2,
      up: (older) => ({ ...toV2.up(older), text: older.text.trim(), count: Math.min(older.count, 9) }),
    };
    const rows = [note('a'), note('b', ' b ', 10), note('c', 'c '), note('d', 'd', 9)];
    const { store, v2 } = await withRows(rows, lossy);
    expect((await store.verifyLens({ table: v2 })).losses).toEqual([
      { table: 'notes', field: 'text', rows: 2, firstKey: 'b' },
      { table: 'notes', field: 'count', rows: 1, firstKey: 'b' },
    ]);
  });

  it('is not fooled by a lens that changes its argument', async () => {
    const spoiling: Lens<NoteV1, NoteV2> = {
      up: (older) => Object.assign(older, { text: '', tags: [], priority: 0 }),
      down: (newer) => newer,
    };
    const { store, v2 } = await withRows([note('a')], spoiling);
    const fields = (await store.verifyLens({ table: v2 })).losses.map(({ field }) => field);
    expect(fields.sort()).toEqual(['priority', 'tags', 'text']);
  });

  it('names rows that throw, change their key, violate the schema or can not come back', async () => {
    const faulty: Lens<NoteV1, NoteV2> = {
      up: (older) => {
        if (older.text === 'throw') throw new Error('thrown');
        if (older.text === 'key') return { ...toV2.up(older), id: 'other' };
        if (older.text === 'schema') return { ...toV2.up(older), priority: 'high' as unknown as number };
        return toV2.up(older);
      },
      down: (newer) => {
        if (newer.text === 'back') throw new Error('no way');
        return toV2.down(newer);
      },
    };
    const texts = ['back', 'key', 'schema', 'throw', 'well'];
    const { store, v2 } = await withRows(
      texts.map((text) => note(text, text)),
      faulty,
    );
    const { failures, failed } = await store.verifyLens({ table: v2 });
    expect(failed).toBe(4);
    expect(failures.map(({ key, reason }) => [key, reason])).toEqual([
      ['back', 'the way back fails: no way'],
      ['key', 'up of version 2 changed the key from "key" to "other"'],
      ['schema', expect.stringContaining('priority')],
      ['throw', 'thrown'],
    ]);
  });

  it('sees newer rows down to an older target, where nothing is lost', async () => {
    const { store, v1, v2 } = await withRows([]);
    await v2.put({ ...note('a'), tags: ['x'], priority: 1 });
    await v2.put({ ...note('b', 'y'.repeat(10_000)), tags: [], priority: 1 });
    expect(await store.verifyLens({ table: v1 })).toMatchObject({ rows: 2, failed: 0, losses: [] });
    const strict = {
      parse: () => {
        throw new Error('too long');
      },
    };
    expect((await store.verifyLens({ table: v1, schema: strict })).failed).toBe(2);
  });

  it('names rows of versions that its chain lacks', async () => {
    const { store } = await withRows([note('a')]);
    const report = await store.verifyLens({ table: 'notes', chain: [{ version: 2 }] });
    expect(report.failures).toEqual([{ table: 'notes', key: 'a', reason: 'no lens leads from version 1' }]);
  });

  it('works by name, with the chain and schema of a release to come', async () => {
    const { store } = await withRows([note('a'), note('b')]);
    const schema = schemaV2.extend({ text: schemaV2.shape.text.refine((text) => !text.endsWith('b')) });
    const options = { table: 'notes', chain: chains.notes ?? [], version: 2, schema };
    expect((await store.verifyLens(options)).failures.map(({ key }) => key)).toEqual(['b']);
    expect((await store.verifyKeys(options, ['a', 'missing'])).rows).toBe(1);
  });

  it('rule 4: goes in chunks that let the process work and see what is written meanwhile', async () => {
    const slow: Lens<NoteV1, NoteV2> = {
      ...toV2,
      up: (older) => {
        for (const end = performance.now() + 1; performance.now() < end; );
        return toV2.up(older);
      },
    };
    const rows = Array.from({ length: 100 }, (_, index) => note(`n${index}`));
    const { store, v1, v2 } = await withRows(rows, slow);
    const progress: LensProgress[] = [];
    let meanwhile: Promise<void> | undefined;
    const report = await store.verifyLens({
      table: v2,
      onProgress: (step) => {
        progress.push(step);
        meanwhile ??= v1.put(note('zz'));
      },
    });
    await meanwhile;
    expect(progress.length).toBeGreaterThan(5);
    expect(progress.at(0)?.total).toBe(100);
    expect(
      Math.max(...progress.map(({ rows }, index) => rows - (progress[index - 1]?.rows ?? 0))),
    ).toBeLessThan(20);
    expect([report.rows, progress.at(-1)?.rows]).toEqual([101, 101]);
  });

  it('can be called off', async () => {
    const { store, v2 } = await withRows([note('a')]);
    const signal = AbortSignal.abort(new Error('called off'));
    await expect(store.verifyLens({ table: v2, signal })).rejects.toThrow('called off');
  });

  it('keeps the number of failures it names within bounds', async () => {
    const failing: Lens<NoteV1, NoteV2> = {
      ...toV2,
      up: () => {
        throw new Error('x'.repeat(9_999));
      },
    };
    const { store, v2 } = await withRows(
      Array.from({ length: 300 }, (_, index) => note(`n${index}`)),
      failing,
    );
    const { failed, failures } = await store.verifyLens({ table: v2 });
    expect([failed, failures.length]).toEqual([300, 100]);
    expect(JSON.stringify(failures).length).toBeLessThan(100_000);
  });
});
