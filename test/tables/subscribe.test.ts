import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/tables/index.ts';
import { chains, makeTables, note } from './fixtures/notes.ts';
import { later, tempDir, tempStore, until } from './helpers.ts';

describe('a subscription', () => {
  it('tells of changes after their commit, each row once, and not of what was taken back', async () => {
    const store = await tempStore();
    const { v1 } = makeTables();
    await store.attach([v1]);
    const seen: unknown[] = [];
    const end = v1.subscribe(({ key, row }) => seen.push([key, row?.text]));
    await v1.put(note('a', 'first'));
    await store.transaction((within) => {
      within(v1).put(note('b', 'one'));
      within(v1).put(note('b', 'two'));
    });
    await store
      .transaction((within) => {
        within(v1).put(note('c'));
        throw new Error('no');
      })
      .catch(() => {});
    await v1.delete('a');
    await until('three changes', () => seen.length >= 3);
    expect(seen).toEqual([
      ['a', 'first'],
      ['b', 'two'],
      ['a', undefined],
    ]);
    end();
    await v1.put(note('d'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toHaveLength(3);
  });

  it('reaches other processes and versions, and only those that want it', async () => {
    const dir = tempDir();
    const [one, other] = [await openStore({ dir }), await openStore({ dir })];
    later(() => one.close());
    later(() => other.close());
    const { v1, v2 } = makeTables();
    await one.attach([v1], chains);
    await other.attach([v2], chains);
    let sent = 0;
    one.changes.connect({
      changed: (changes) => {
        sent++;
        setImmediate(() => other.receive(changes));
      },
      subscribed: (tables) => {
        other.changes.elsewhere = tables;
      },
    });
    other.changes.connect({
      changed: () => {},
      subscribed: (tables) => {
        one.changes.elsewhere = tables;
      },
    });
    await v1.put(note('before'));
    expect(sent).toBe(0);
    const seen: unknown[] = [];
    const end = v2.subscribe(({ row }) => seen.push(row));
    await v1.put(note('a'));
    await until('the change', () => seen.length > 0);
    expect(seen).toEqual([{ ...note('a'), tags: [], priority: 0 }]);
    end();
    await v1.put(note('after'));
    expect(sent).toBe(1);
  });
});
