import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStore, type TableStore, table } from '../../src/tables/index.ts';
import { codeOf, later, tempDir, tempStore } from './helpers.ts';
import { openRaw } from './raw-store.ts';

interface Task {
  id: string;
  owner: string;
  due: number;
  done?: boolean | undefined;
}

const declare = () =>
  table<Task, string>({
    name: 'tasks',
    version: 1,
    key: 'id',
    storage: 'disc',
    index: ['owner', ['owner', 'due'], 'done'],
  });

async function tasksStore() {
  const store = await tempStore();
  const tasks = declare();
  await store.attach([tasks]);
  return { store, tasks };
}

const task = (id: string, owner: string, due = 0): Task => ({ id, owner, due });
const ids = (rows: Iterable<Task>): string[] => Array.from(rows, ({ id }) => id);

describe('an index', () => {
  it('finds rows by a value, follows their changes and their end', async () => {
    const { tasks } = await tasksStore();
    for (const row of [task('1', 'ada'), task('2', 'bob'), task('3', 'ada')]) await tasks.put(row);
    expect(ids(tasks.by('owner', 'ada'))).toEqual(['1', '3']);
    await tasks.update('1', (row) => row && { ...row, owner: 'bob' });
    expect([ids(tasks.by('owner', 'ada')), ids(tasks.by('owner', 'bob'))]).toEqual([['3'], ['1', '2']]);
    await tasks.delete('2');
    await tasks.take('3');
    expect([ids(tasks.by('owner', 'ada')), ids(tasks.by('owner', 'bob'))]).toEqual([[], ['1']]);
  });

  it('of several fields is ordered by them, in ranges both ways, with limits', async () => {
    const { tasks } = await tasksStore();
    for (const [id, owner, due] of [
      ['a', 'ada', 3],
      ['b', 'ada', 1],
      ['c', 'bob', 2],
      ['d', 'ada', 2],
    ] as const)
      await tasks.put(task(id, owner, due));
    const by = (range: object): string[] => ids(tasks.rangeBy('owner+due', range));
    expect(by({})).toEqual(['b', 'd', 'a', 'c']);
    expect(by({ reverse: true })).toEqual(['c', 'a', 'd', 'b']);
    expect(by({ equal: 'ada' })).toEqual(['b', 'd', 'a']);
    expect(by({ equal: ['ada', 2] })).toEqual(['d']);
    expect(by({ start: ['ada', 2], end: ['bob', 2] })).toEqual(['d', 'a']);
    expect(by({ start: ['ada', 2], reverse: true })).toEqual(['d', 'b']);
    expect(by({ start: 'bob', end: ['ada', 1], reverse: true })).toEqual(['c', 'a', 'd']);
    expect(by({ limit: 2 })).toEqual(['b', 'd']);
    expect(await codeOf(() => by({ equal: 'ada', start: 'ada' }))).toBe('bad_key');
    expect(await codeOf(() => tasks.by('due', 1))).toBe('bad_table');
  });

  it('lacks rows that hold nothing there to find them by', async () => {
    const { tasks } = await tasksStore();
    await tasks.put(task('1', 'ada'));
    await tasks.put({ ...task('2', 'ada'), done: false });
    expect(ids(tasks.rangeBy('done'))).toEqual(['2']);
  });

  it('tells long and odd strings apart', async () => {
    const { tasks } = await tasksStore();
    const long = 'x'.repeat(5_000);
    const owners = [long, `${long}y`, 'nul\u0000', 'nul ', '\ud83d\ude00'.repeat(200), ''];
    for (const [at, owner] of owners.entries()) await tasks.put(task(String(at), owner));
    for (const [at, owner] of owners.entries()) expect(ids(tasks.by('owner', owner))).toContain(String(at));
    expect(ids(tasks.by('owner', long))).toEqual(['0']);
    expect(ids(tasks.by('owner', 'nul '))).toEqual(['3']);
  });

  it('is part of a transaction, and of its end', async () => {
    const { store, tasks } = await tasksStore();
    await tasks.put(task('1', 'ada'));
    const failed = store.transaction((within) => {
      within(tasks).put(task('2', 'ada'));
      within(tasks).delete('1');
      expect(ids(within(tasks).by('owner', 'ada'))).toEqual(['2']);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(ids(tasks.by('owner', 'ada'))).toEqual(['1']);
  });

  it('is refused where it could not work', async () => {
    const spec = { name: 't', version: 1, key: 'id', storage: 'disc' } as const;
    expect(await codeOf(() => table<Task>({ ...spec, index: ['owner', 'owner'] }))).toBe('bad_table');
    expect(await codeOf(() => table<Task>({ ...spec, index: [[]] }))).toBe('bad_table');
    // @ts-expect-error a row has no such field
    table<Task>({ ...spec, index: ['colour'] });
  });
});

describe('an index that comes later', () => {
  const plain = () => table<Task, string>({ name: 'tasks', version: 1, key: 'id', storage: 'disc' });
  const wider = () =>
    table<Task & { by: string }, string>({
      name: 'tasks',
      version: 2,
      key: 'id',
      storage: 'disc',
      index: ['by'],
    });
  const chain = [
    { version: 1 },
    {
      version: 2,
      lens: {
        up: (row: unknown) => ({ ...(row as Task), by: (row as Task).owner.toUpperCase() }),
        down: (row: unknown) => {
          const { by: _by, ...rest } = row as Task & { by: string };
          return rest;
        },
      },
    },
  ];

  async function two(): Promise<{ dir: string; older: TableStore; newer: TableStore }> {
    const dir = tempDir();
    const older = await openStore({ dir });
    const newer = await openStore({ dir });
    later(() => older.close());
    later(() => newer.close());
    return { dir, older, newer };
  }

  it('rule 9: of a newer version is built while the older one writes, and kept by both', async () => {
    const { older, newer } = await two();
    const [v1, v2] = [plain(), wider()];
    await older.attach([v1], { tasks: chain });
    await older.transaction((within) => {
      for (let at = 0; at < 5_000; at++) within(v1).put(task(`k${at}`, `o${at % 7}`));
    });
    newer.refresh();
    await newer.attach([v2], { tasks: chain });
    expect(await codeOf(() => v2.by('by', 'O1'))).toBe('index_building');
    let wrote = 0;
    const writes: Promise<unknown>[] = [];
    await newer.maintenance.buildIndexes({
      onProgress: () => {
        const id = wrote++;
        writes.push(
          v1.put(task(`k${id}`, 'new')),
          v1.put(task(`n${id}`, 'new')),
          v1.delete(`k${4_999 - id}`),
        );
      },
    });
    await Promise.all(writes);
    expect(wrote).toBeGreaterThan(0);
    await v1.put(task('last', 'o1'));
    newer.refresh();
    const expected = [...v2.range()].filter(({ by }) => by === 'NEW').map(({ id }) => id);
    expect(expected).toHaveLength(2 * wrote);
    expect(ids(v2.by('by', 'NEW'))).toEqual(expected);
    expect(ids(v2.by('by', 'O1'))).toEqual(
      [...v2.range()].filter(({ by }) => by === 'O1').map(({ id }) => id),
    );
    await v2.put({ ...task('k10', 'zoe'), by: 'ZOE' });
    expect(ids(v2.by('by', 'ZOE'))).toEqual(['k10']);
  });

  it('that a writer can not keep leaves the catalogue, and can be declared again', async () => {
    const { older, newer } = await two();
    const [v1, v2] = [plain(), wider()];
    await older.attach([v1]);
    await v1.put(task('1', 'ada'));
    newer.refresh();
    await newer.attach([v2], { tasks: chain });
    await newer.maintenance.buildIndexes();
    expect(ids(v2.by('by', 'ADA'))).toEqual(['1']);
    older.refresh();
    await v1.put(task('2', 'ada'));
    newer.refresh();
    expect(await codeOf(() => v2.by('by', 'ADA'))).toBe('index_building');
    older.useChains({ tasks: chain });
    await newer.attach([v2], { tasks: chain });
    await newer.maintenance.buildIndexes();
    expect(ids(v2.by('by', 'ADA'))).toEqual(['1', '2']);
  });

  it('rule 9: is dropped with its entries once its version is not returned to', async () => {
    const raw = await openRaw(tempDir());
    later(() => raw.store.close());
    const { store } = raw;
    const tasks = declare();
    await store.attach([tasks]);
    const entries = (): number =>
      Array.from(
        { length: 3 },
        (_, id) => raw.disc.indexes.entries.page(id + 1, 1, {}, 10_000).entries.length,
      ).reduce((sum, count) => sum + count, 0);
    await store.transaction((within) => {
      for (let at = 0; at < 3_000; at++) within(tasks).put(task(String(at), 'ada'));
    });
    await store.maintenance.dropIndexes({ tasks: [1] });
    expect(tasks.by('owner', 'ada')).toHaveLength(3_000);
    expect(entries()).toBe(6_000);
    await store.maintenance.dropIndexes({});
    expect(entries()).toBe(0);
    expect(await codeOf(() => tasks.by('owner', 'ada'))).toBe('index_building');
    await store.attach([tasks]);
    await store.maintenance.buildIndexes();
    expect(tasks.by('owner', 'ada')).toHaveLength(3_000);
  });
});

describe('indexes and rows', () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const owner = fc.constantFrom('ada', 'bob', 'x'.repeat(300), `${'x'.repeat(300)}y`, '', 'nul\u0000');
  const row = fc.record({
    id: keys,
    owner,
    due: fc.integer({ min: -2, max: 2 }),
    done: fc.option(fc.boolean(), { nil: undefined }),
  });
  const step = fc.oneof(
    row.map((value) => ({ do: 'put' as const, value })),
    keys.map((key) => ({ do: 'delete' as const, key })),
    fc.array(row, { maxLength: 4 }).map((rows) => ({ do: 'transaction' as const, rows })),
  );

  it('agree after any operations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = await openStore({ dir: tempDir() });
        const tasks = declare();
        await store.attach([tasks]);
        const model = new Map<string, Task>();
        for (const operation of steps) {
          if (operation.do === 'put') {
            await tasks.put(operation.value);
            model.set(operation.value.id, operation.value);
          } else if (operation.do === 'delete') {
            await tasks.delete(operation.key);
            model.delete(operation.key);
          } else {
            await store.transaction((within) => {
              for (const value of operation.rows) within(tasks).put(value);
            });
            for (const value of operation.rows) model.set(value.id, value);
          }
        }
        const rows = [...model.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
        for (const name of new Set(rows.map((value) => value.owner)))
          expect(ids(tasks.by('owner', name))).toEqual(ids(rows.filter((value) => value.owner === name)));
        for (const due of [-2, -1, 0, 1, 2])
          expect(ids(tasks.rangeBy('owner+due', { equal: ['ada', due] }))).toEqual(
            ids(rows.filter((value) => value.owner === 'ada' && value.due === due)),
          );
        expect(ids(tasks.rangeBy('done')).sort()).toEqual(
          ids(rows.filter(({ done }) => typeof done === 'boolean')),
        );
        await store.close();
      }),
      { numRuns: 60 },
    );
  });
});
