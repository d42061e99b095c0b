/** What a store watches for while an upgrade is prepared, made, and could still be taken back. */
import { describe, expect, it } from 'vitest';
import { type Lens, table } from '../../src/tables/index.ts';
import {
  chains,
  makeTables,
  type NoteV1,
  type NoteV2,
  note,
  schemaV1,
  schemaV2,
  toV2,
} from './fixtures/notes.ts';
import { codeOf, refusal, tempDir, tempStore } from './helpers.ts';

const picky: Lens<NoteV1, NoteV2> = {
  up: (older) => {
    if (older.text === 'unliftable') throw new Error('can not be lifted');
    return toV2.up(older);
  },
  down: (newer) => {
    if (newer.tags.includes('secret')) throw new Error('a secret has no older form');
    return toV2.down(newer);
  },
};
const pickyChains = { notes: [{ version: 1 }, { version: 2, lens: picky }] };
const newRow = (id: string, text = 'text', tags: string[] = []): NoteV2 => ({
  ...note(id, text),
  tags,
  priority: 1,
});

describe('the way back', () => {
  async function afterUpgrade() {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const { v1, v2 } = makeTables();
    await store.attach([v1, v2], pickyChains);
    store.keepWayBack({ notes: { version: 1, schema: schemaV1 } });
    return { dir, store, v1, v2 };
  }

  it('rule 8: counts and names the rows that the older version could not have', async () => {
    const { store, v2 } = await afterUpgrade();
    await v2.put(newRow('fine'));
    await v2.put(newRow('thrown', 'text', ['secret']));
    await v2.put(newRow('long', 'x'.repeat(9_999)));
    await store.transaction((within) =>
      within(v2).update('long', (row) => row && { ...row, text: `${row.text}x` }),
    );
    expect(store.wayBackFailures()).toEqual({
      count: 1,
      failures: [{ table: 'notes', key: 'thrown', reason: 'a secret has no older form' }],
    });
  });

  it('counts rows that violate the older schema', async () => {
    const { store, v2 } = await afterUpgrade();
    store.keepWayBack({
      notes: { version: 1, schema: schemaV1.extend({ count: schemaV1.shape.count.max(9) }) },
    });
    await v2.put({ ...newRow('a'), count: 10 });
    const { count, failures } = store.wayBackFailures();
    expect([count, failures[0]?.key]).toEqual([1, 'a']);
    expect(failures[0]?.reason).toContain('count');
  });

  it('is open again once the row is rewritten or deleted, and not watched when nobody will return', async () => {
    const { store, v2 } = await afterUpgrade();
    for (const id of ['a', 'b', 'c']) await v2.put(newRow(id, 'text', ['secret']));
    await v2.put(newRow('a'));
    await v2.delete('b');
    expect(store.wayBackFailures().failures.map(({ key }) => key)).toEqual(['c']);
    store.keepWayBack({});
    await v2.put(newRow('d', 'text', ['secret']));
    expect(store.wayBackFailures().count).toBe(1);
    await store.forgetWayBack();
    expect(store.wayBackFailures()).toEqual({ count: 0, failures: [] });
  });

  it('is known to other processes, and not from writes that were rolled back', async () => {
    const { dir, store, v2 } = await afterUpgrade();
    const compound = table<{ id: [string, number]; bad: boolean }>({
      name: 'pairs',
      version: 2,
      key: 'id',
      storage: 'ram',
    });
    const down = (row: unknown) => {
      if ((row as { bad: boolean }).bad) throw new Error('bad');
      return row;
    };
    await store.attach([compound], {
      pairs: [{ version: 1 }, { version: 2, lens: { up: (row) => row, down } }],
    });
    store.keepWayBack({ notes: { version: 1 }, pairs: { version: 1 } });
    await v2.put(newRow('a', 'text', ['secret']));
    await compound.put({ id: ['x', 1], bad: true });
    const failed = store.transaction((within) => {
      within(v2).put(newRow('b', 'text', ['secret']));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    const other = await tempStore({ dir });
    expect(other.wayBackFailures().failures).toEqual([
      { table: 'notes', key: 'a', reason: 'a secret has no older form' },
      { table: 'pairs', key: ['x', 1], reason: 'bad' },
    ]);
  });

  it('rule 8: lets the older version get all other rows: get throws the key, a scan skips and counts', async () => {
    const { store, v1, v2 } = await afterUpgrade();
    await v2.put(newRow('a'));
    await v2.put(newRow('b', 'text', ['secret']));
    await v2.put(newRow('c'));
    const error = await refusal(() => v1.get('b'));
    expect([error.code, error.table, error.key]).toEqual(['way_back', 'notes', 'b']);
    expect([...v1.range({ limit: 2 })].map(({ id }) => id)).toEqual(['a', 'c']);
    expect(store.skipped).toEqual({ notes: 1 });
    expect(await codeOf(() => v1.put(note('b')))).toBe('put_back_failed');
    expect(await v1.delete('b')).toBe(true);
  });
});

describe('the guard', () => {
  async function beforeUpgrade() {
    const store = await tempStore();
    const { v1, v2 } = makeTables();
    await store.attach([v1]);
    return { store, v1, v2 };
  }

  it('records what the newer version could not have, and lets the write through', async () => {
    const { store, v1 } = await beforeUpgrade();
    await v1.put(note('before', 'unliftable'));
    store.guard({ chains: pickyChains, schemas: { notes: schemaV2 }, strict: false });
    await v1.put(note('a', 'unliftable'));
    await v1.put(note('b'));
    expect(v1.get('a')?.text).toBe('unliftable');
    expect(store.guardFailures()).toEqual({
      count: 1,
      failures: [{ table: 'notes', key: 'a', reason: 'can not be lifted' }],
    });
    await v1.put(note('a'));
    expect(store.guardFailures().count).toBe(0);
  });

  it('records violations of the newer schema', async () => {
    const { store, v1 } = await beforeUpgrade();
    const schema = schemaV2.extend({ count: schemaV2.shape.count.max(5) });
    store.guard({ chains, schemas: { notes: schema }, strict: false });
    await v1.put(note('a', 'text', 6));
    expect(store.guardFailures().failures[0]?.key).toBe('a');
    await v1.delete('a');
    expect(store.guardFailures().count).toBe(0);
  });

  it('rule 10: that is strict makes such a write fail by name, and all of its transaction', async () => {
    const { store, v1 } = await beforeUpgrade();
    store.guard({ chains: pickyChains, strict: false });
    await v1.put(note('recorded', 'unliftable'));
    store.guard({ chains: pickyChains, strict: true });
    const error = await refusal(() => v1.put(note('a', 'unliftable')));
    expect([error.code, error.key]).toEqual(['guard_failed', 'a']);
    const both = store.transaction((within) => {
      within(v1).put(note('c'));
      within(v1).put(note('d', 'unliftable'));
    });
    expect(await codeOf(() => both)).toBe('guard_failed');
    expect([...v1.range()].map(({ id }) => id)).toEqual(['recorded']);
    expect(store.guardFailures().count).toBe(1);
    store.unguard();
    await v1.put(note('a', 'unliftable'));
  });
});

describe('tracked writes', () => {
  it('rule 10: with the guard leave no row unchecked', async () => {
    const dir = tempDir();
    const [old, checker] = [await tempStore({ dir }), await tempStore({ dir })];
    const { v1 } = makeTables();
    const { v2 } = makeTables();
    await old.attach([v1]);
    await v1.put(note('scanned'));
    await v1.put(note('gone'));
    old.trackWrites();
    await checker.attach([v2], pickyChains);
    expect((await checker.verifyLens({ table: v2 })).failed).toBe(0);
    await v1.put(note('a', 'unliftable'));
    await v1.update('scanned', (row) => row && { ...row, count: 1 });
    await v1.put(note('passing'));
    await v1.delete('passing');
    await v1.delete('gone');
    const unfinished = v1.put(note('b', 'unliftable'));
    const [writing] = await Promise.all([old.takeTracked(), unfinished]);
    old.guard({ chains: pickyChains, strict: false });
    const rest = await old.takeTracked();
    old.stopTracking();
    await v1.put(note('c', 'unliftable'));
    expect(old.guardFailures().failures.map(({ key }) => key)).toEqual(['c']);
    const keys = [...writing, ...rest].flatMap((tracked) => [...tracked.keys]);
    expect(new Set(keys)).toEqual(new Set(['a', 'b', 'scanned', 'passing', 'gone']));
    const report = await checker.verifyKeys({ table: v2 }, keys);
    expect(report.rows).toBe(3);
    expect(report.failures.map(({ key }) => key).sort()).toEqual(['a', 'b']);
  });

  it('are visible to other processes by the time they are taken', async () => {
    const dir = tempDir();
    const [store, checker] = [await tempStore({ dir }), await tempStore({ dir, readOnly: true })];
    const { v1 } = makeTables();
    await store.attach([v1]);
    store.trackWrites();
    for (let round = 0; round < 20; round++) {
      const id = `n${round}`;
      let taken: Promise<[string, number]> | undefined;
      const takeAndCount = async (): Promise<[string, number]> => {
        const tracked = await store.takeTracked();
        const { rows } = await checker.verifyKeys(
          { table: 'notes', chain: [{ version: 1 }] },
          tracked[0]?.keys ?? [],
        );
        return [String(tracked[0]?.keys), rows];
      };
      const written = store.transaction((within) => {
        within(v1).put(note(id));
        queueMicrotask(() => {
          taken = takeAndCount();
        });
      });
      await written;
      expect(await taken).toEqual([id, 1]);
    }
  });

  it('are listed once each, up to a limit that is told', async () => {
    const store = await tempStore();
    const { v1 } = makeTables();
    await store.attach([v1]);
    store.trackWrites({ limit: 3 });
    for (const id of ['a', 'b', 'a', 'c', 'a']) await v1.put(note(id));
    expect(await store.takeTracked()).toEqual([{ table: 'notes', keys: ['a', 'b', 'c'], overflowed: false }]);
    for (const id of ['a', 'b', 'c', 'd']) await v1.put(note(id));
    expect(await store.takeTracked()).toEqual([{ table: 'notes', keys: ['a', 'b', 'c'], overflowed: true }]);
    store.stopTracking();
    await v1.put(note('e'));
    expect(await store.takeTracked()).toEqual([]);
  });
});
