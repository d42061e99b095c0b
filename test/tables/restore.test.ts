import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, table } from '../../src/tables/index.ts';
import { chains, makeTables, type NoteV1, note } from './fixtures/notes.ts';
import { codeOf, later, tempDir, tempStore } from './helpers.ts';

const others = () => table<NoteV1, string>({ name: 'others', version: 1, key: 'id', storage: 'disc' });
const indexed = () =>
  table<NoteV1, string>({
    name: 'notes',
    version: 1,
    key: 'id',
    storage: 'disc',
    type: 'ordered_set',
    index: ['text'],
  });

describe('a restore', () => {
  it('puts one table back, for all processes at once, and leaves the others', async () => {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const [notes, rest] = [indexed(), others()];
    await store.attach([notes, rest]);
    for (let at = 0; at < 1_200; at++) void notes.put(note(`n${at}`, at % 2 ? 'odd' : 'even'));
    await rest.put(note('a', 'before'));
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);

    const second = await openStore({ dir });
    later(() => second.close());
    const seen = indexed();
    await second.attach([seen]);
    await notes.delete('n0');
    await notes.put(note('n1', 'changed'));
    await notes.put(note('late', 'late'));
    await rest.put(note('a', 'after'));

    const copied = await store.maintenance.copyFromBackup(copy, { tables: ['notes'] });
    await notes.put(note('meanwhile', 'late'));
    await second.maintenance.prepare(copied.map(({ place }) => place));
    const left = await store.maintenance.changeOver(copied);
    expect(left).toEqual(['notes']);
    store.refresh();
    second.refresh();
    for (const handle of [notes, seen]) {
      expect([handle.count(), handle.get('n1')?.text, handle.get('late')]).toEqual([1_200, 'odd', undefined]);
      expect(handle.by('text', 'odd')).toHaveLength(600);
      expect(handle.by('text', 'late')).toEqual([]);
    }
    expect(rest.get('a')?.text).toBe('after');
    await store.maintenance.dropPlaces(left);
    await seen.put(note('n0', 'odd'));
    store.refresh();
    expect(notes.by('text', 'odd')).toHaveLength(601);
    const third = await openStore({ dir });
    later(() => third.close());
    const again = indexed();
    await third.attach([again]);
    expect(again.get('n0')?.text).toBe('odd');
    expect((await third.figures({ timeoutMs: 1_000 })).flatMap(({ tables }) => tables)).toContainEqual(
      expect.objectContaining({ name: 'notes', rows: 1_200 }),
    );
  });

  it('can be done again and again', async () => {
    const store = await tempStore();
    const notes = indexed();
    await store.attach([notes]);
    await notes.put(note('a'));
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);
    for (let round = 0; round < 3; round++) {
      await notes.put(note('b'));
      await store.maintenance.dropPlaces(
        await store.maintenance.changeOver(await store.maintenance.copyFromBackup(copy)),
      );
      expect([notes.count(), notes.by('text', 'text of a').length]).toEqual([1, 1]);
    }
  });

  it('refuses a write of a process that could not follow, and lets it follow', async () => {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const notes = indexed();
    await store.attach([notes]);
    await notes.put(note('a'));
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);
    const parked = await openStore({ dir });
    later(() => parked.close());
    const handle = indexed();
    await parked.attach([handle]);
    await store.maintenance.changeOver(await store.maintenance.copyFromBackup(copy));
    expect(await codeOf(() => handle.put(note('b')))).toBe('replaced');
    parked.refresh();
    await expect
      .poll(() =>
        handle.put(note('b')).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    store.refresh();
    expect(notes.get('b')).toEqual(note('b'));
  });

  it('names what it can not restore, and changes nothing', async () => {
    const store = await tempStore();
    const { v1, v3 } = makeTables();
    await store.attach([v3], chains);
    await v3.put({ id: 'a', title: 't', body: '', count: 0, tags: [], priority: 1 });
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);
    expect(await codeOf(() => store.maintenance.copyFromBackup(copy, { tables: ['nothing'] }))).toBe(
      'bad_table',
    );
    const older = await tempStore();
    await older.attach([v1]);
    await v1.put(note('x'));
    expect(await codeOf(() => older.maintenance.copyFromBackup(copy))).toBe('restore_failed');
    expect([...v1.range()]).toEqual([note('x')]);
  });
});

describe('settling', () => {
  it('rewrites older rows as the current version, keeps newer ones, and leaves what it can not read', async () => {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const { v1, v2, v3 } = makeTables();
    await store.attach([v1], chains);
    await store.transaction((within) => {
      for (let at = 0; at < 3_000; at++) within(v1).put(note(`n${at}`));
    });
    const newer = await openStore({ dir });
    later(() => newer.close());
    await newer.attach([v2], chains);
    const newest = await openStore({ dir });
    later(() => newest.close());
    await newest.attach([v3], chains);
    await v3.put({ id: 'new', title: 't', body: 'b', count: 0, tags: [], priority: 1 });
    newer.refresh();
    const before = [...v2.range()];
    const [report] = await newer.maintenance.settle({ share: 1 });
    expect(report).toEqual({ table: 'notes', looked: 3_001, settled: 3_000, left: 0 });
    expect(await newer.rowsPerVersion('notes')).toEqual({ 2: 3_000, 3: 1 });
    expect([...v2.range()]).toEqual(before);
    store.refresh();
    expect(v1.get('n7')).toEqual(note('n7'));
    expect((await newer.maintenance.settle({ share: 1 }))[0]).toMatchObject({ settled: 0 });
  });

  it('goes on after it was ended', async () => {
    const dir = tempDir();
    const older = await tempStore({ dir });
    const { v1, v2 } = makeTables();
    await older.attach([v1], chains);
    await older.transaction((within) => {
      for (let at = 0; at < 20_000; at++) within(v1).put(note(`n${at}`));
    });
    const abort = new AbortController();
    const store = await tempStore({ dir });
    await store.attach([v2], chains);
    const ended = store.maintenance.settle({
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(ended).rejects.toThrow('aborted');
    const halfway = await store.rowsPerVersion('notes');
    expect(halfway[2]).toBeGreaterThan(0);
    await store.maintenance.settle({ share: 1 });
    expect(await store.rowsPerVersion('notes')).toEqual({ 2: 20_000 });
  });
});
