import { describe, expect, it } from 'vitest';
import { type Chain, type Lens, LensChain, type TableStore, table } from '../../src/tables/index.ts';
import { chains, makeTables, type NoteV1, type NoteV2, note, toV2, toV3 } from './fixtures/notes.ts';
import { codeOf, refusal, tempDir, tempStore } from './helpers.ts';

async function allVersions() {
  const store = await tempStore();
  const tables = makeTables();
  await store.attach(Object.values(tables), chains);
  return { store, ...tables };
}

describe('a row of another version', () => {
  it('is seen up and down its whole chain, and stays as it was written', async () => {
    const { store, v1, v2, v3 } = await allVersions();
    await v1.put(note('old', 'title\nbody'));
    await v3.put({ id: 'new', title: 't', body: 'b', count: 1, tags: ['x'], priority: 2 });
    expect(v2.get('old')).toEqual({ ...note('old', 'title\nbody'), tags: [], priority: 0 });
    expect(v3.get('old')).toEqual({
      id: 'old',
      title: 'title',
      body: 'body',
      count: 0,
      tags: [],
      priority: 0,
    });
    expect(v1.get('new')).toEqual(note('new', 't\nb', 1));
    expect([...v1.range()].map(({ text }) => text)).toEqual(['t\nb', 'title\nbody']);
    expect(await store.rowsPerVersion('notes')).toEqual({ 1: 1, 3: 1 });
  });

  it('becomes one of the newer version when that writes it', async () => {
    const { store, v1, v2 } = await allVersions();
    await v1.put(note('a'));
    await v2.update('a', (row) => row && { ...row, tags: ['new'] });
    expect(await store.rowsPerVersion('notes')).toEqual({ 2: 1 });
  });

  it('rule 7: keeps its version and all that the older version does not know when that writes over it', async () => {
    const { store, v1, v2, v3 } = await allVersions();
    await v3.put({ id: 'a', title: 't', body: 'b', count: 1, tags: ['x'], priority: 2 });
    await v1.put(note('a', 't\nchanged', 5));
    expect(v3.get('a')).toEqual({ id: 'a', title: 't', body: 'changed', count: 5, tags: ['x'], priority: 2 });
    expect(v1.get('a')).toEqual(note('a', 't\nchanged', 5));
    await v2.put({ ...note('a', 'T\nB', 6), tags: [], priority: 2 });
    expect(v3.get('a')).toEqual({ id: 'a', title: 'T', body: 'B', count: 6, tags: [], priority: 2 });
    expect(await store.rowsPerVersion('notes')).toEqual({ 3: 1 });
  });

  it('rule 7: is written over as it stands when that is done, not as it stood when it was begun', async () => {
    const { v1, v2 } = await allVersions();
    await v2.put({ ...note('a'), tags: ['old'], priority: 1 });
    await Promise.all([v2.put({ ...note('a'), tags: ['new'], priority: 2 }), v1.put(note('a', 'changed'))]);
    expect(v2.get('a')).toEqual({ ...note('a', 'changed'), tags: ['new'], priority: 2 });
  });

  it('rule 7: is deleted whole, and new when it is made again', async () => {
    const { store, v1, v2 } = await allVersions();
    await v2.put({ ...note('a'), tags: ['x'], priority: 2 });
    await v1.delete('a');
    await v1.put(note('a'));
    expect(v2.get('a')).toEqual({ ...note('a'), tags: [], priority: 0 });
    expect(await store.rowsPerVersion('notes')).toEqual({ 1: 1 });
    await v2.put({ ...note('a'), tags: ['x'], priority: 2 });
    await store.transaction((within) => {
      within(v1).delete('a');
      within(v1).put(note('a'));
    });
    expect(v2.get('a')?.tags).toEqual([]);
  });

  it('takes a field away where the older row no longer has what it came from', async () => {
    const older = table<{ id: string; due?: string; kept?: string }, string>({
      name: 't',
      version: 1,
      key: 'id',
      storage: 'ram',
    });
    const newer = table<{ id: string; dueAt?: string; kept?: string; more?: number }, string>({
      name: 't',
      version: 2,
      key: 'id',
      storage: 'ram',
    });
    const lens: Lens<
      { id: string; due?: string; kept?: string },
      { id: string; dueAt?: string; kept?: string; more?: number }
    > = {
      up: ({ due, ...rest }) => ({ ...rest, ...(due === undefined ? {} : { dueAt: due }) }),
      down: ({ dueAt, more: _more, ...rest }) => ({
        ...rest,
        ...(dueAt === undefined ? {} : { due: dueAt }),
      }),
    };
    const store = await tempStore();
    await store.attach([older, newer], { t: [{ version: 1 }, { version: 2, lens }] });
    await newer.put({ id: 'a', dueAt: 'today', kept: 'k', more: 1 });
    await older.put({ id: 'a', kept: 'k' });
    expect(newer.get('a')).toEqual({ id: 'a', kept: 'k', more: 1 });
  });

  it('rule 6: of a version that no lens leads to is refused by name, in reading and writing', async () => {
    const dir = tempDir();
    const newer = makeTables();
    const other = makeTables();
    const store = await tempStore({ dir });
    await store.attach([newer.v3], chains);
    await newer.v3.put({ id: 'a', title: 't', body: 'b', count: 1, tags: [], priority: 2 });
    const second = await tempStore({ dir });
    await second.attach([other.v1]);
    const error = await refusal(() => other.v1.get('a'));
    expect([error.code, error.table, error.key, error.version]).toEqual(['unknown_version', 'notes', 'a', 3]);
    expect(error.message).toMatch(/table notes, key "a".*version 3/);
    expect(await codeOf(() => other.v1.put(note('a')))).toBe('unknown_version');
    expect(await codeOf(() => [...other.v1.range()])).toBe('unknown_version');
    second.useChains(chains);
    expect(other.v1.get('a')).toEqual(note('a', 't\nb', 1));
    await other.v1.put(note('a', 'title', 2));
    store.refresh();
    expect(newer.v3.get('a')).toEqual({ id: 'a', title: 'title', body: '', count: 2, tags: [], priority: 2 });
  });
});

describe('a lens', () => {
  const withLens = async (
    lens: Lens<NoteV1, NoteV2>,
  ): Promise<ReturnType<typeof makeTables> & { store: TableStore }> => {
    const store = await tempStore();
    const tables = makeTables();
    await store.attach([tables.v1, tables.v2], { notes: [{ version: 1 }, { version: 2, lens }] });
    return { store, ...tables };
  };

  it('rule 5: may not change the key', async () => {
    const { v1, v2 } = await withLens({
      ...toV2,
      up: (older) => ({ ...toV2.up(older), id: `${older.id}!` }),
    });
    await v1.put(note('a'));
    const error = await refusal(() => v2.get('a'));
    expect([error.code, error.key]).toEqual(['lens_failed', 'a']);
    expect(error.message).toContain('changed the key from "a" to "a!"');
  });

  it('that throws names table, key and version', async () => {
    const { v1, v2 } = await withLens({
      ...toV2,
      up: () => {
        throw new Error('no such field');
      },
    });
    await v1.put(note('a'));
    expect((await refusal(() => v2.get('a'))).message).toMatch(
      /table notes, key "a".*version 1.*version 2 \(no such field\)/,
    );
  });

  it('that changes its argument spoils nothing', async () => {
    const spoil: Lens<NoteV1, NoteV2> = {
      up: (older) => Object.assign(older, { tags: [], priority: 0 }),
      down: (newer) => {
        const row: Partial<NoteV2> = newer;
        delete row.tags;
        delete row.priority;
        return newer;
      },
    };
    const { v1, v2, store } = await withLens(spoil);
    await v2.put({ ...note('a'), tags: ['x'], priority: 3 });
    const row = note('a', 'changed');
    await v1.put(row);
    expect(row).toEqual(note('a', 'changed'));
    expect(v2.get('a')).toEqual({ ...note('a', 'changed'), tags: ['x'], priority: 3 });
    await v1.put(note('b'));
    expect((await store.verifyLens({ table: v2 })).losses).toEqual([]);
  });

  it('uses its own put, which must give back what was written', async () => {
    const put = (older: NoteV1, newer: NoteV2): NoteV2 => ({
      ...newer,
      ...older,
      tags: [...newer.tags, 'touched'],
    });
    const { v1, v2 } = await withLens({ ...toV2, put });
    await v2.put({ ...note('a'), tags: ['x'], priority: 3 });
    await v1.put(note('a', 'changed'));
    expect(v2.get('a')).toEqual({ ...note('a', 'changed'), tags: ['x', 'touched'], priority: 3 });
  });

  it('rule 7: whose put loses what was written makes the write fail, and leaves the row', async () => {
    const { v1, v2 } = await withLens({ ...toV2, put: (_older, newer) => newer });
    await v2.put({ ...note('a'), tags: ['x'], priority: 3 });
    const error = await refusal(() => v1.put(note('a', 'changed')));
    expect([error.code, error.key, error.version]).toEqual(['put_back_failed', 'a', 2]);
    expect(v2.get('a')?.text).toBe('text of a');
  });
});

describe('a chain', () => {
  const notes = { name: 'notes', key: 'id' };
  const versions = ({ steps }: LensChain): number[] => steps.map(({ version }) => version);

  it.each<[string, Chain]>([
    ['is empty', []],
    ['has a version twice', [{ version: 1 }, { version: 1, lens: toV2 }]],
    ['lacks a lens', [{ version: 1 }, { version: 2 }]],
    ['has a version that is none', [{ version: 0 }]],
  ])('that %s is refused', async (_name, chain) => {
    expect(await codeOf(() => new LensChain(notes, chain))).toBe('bad_chain');
  });

  it('must hold the version of the handle', async () => {
    const store = await tempStore();
    expect(await codeOf(() => store.attach([makeTables().v1], { notes: [{ version: 2 }] }))).toBe(
      'bad_chain',
    );
  });

  it('rule 6: takes the steps of a newer release and keeps what that lacks', () => {
    const chain = new LensChain(notes, chains.notes ?? []);
    expect(versions(chain.merge([{ version: 2 }, { version: 4, lens: toV3 }]))).toEqual([1, 2, 4]);
    expect(versions(chain.merge([{ version: 1 }, { version: 2, lens: toV2 }]))).toEqual([1, 2, 3]);
    const reach = new LensChain(notes, [{ version: 2 }]).merge(chains.notes ?? []);
    expect(versions(reach)).toEqual([1, 2, 3]);
    expect(reach.view(note('a'), 1, 2)).toEqual({ ...note('a'), tags: [], priority: 0 });
  });
});
