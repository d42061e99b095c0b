import { describe, expect, it } from 'vitest';
import { type TableTransaction, table, transaction } from '../../src/tables/index.ts';
import { makeTables, type NoteV1, note } from './fixtures/notes.ts';
import { codeOf, tempStore } from './helpers.ts';

interface Total {
  name: string;
  value: number;
}

async function twoTables(options = {}) {
  const store = await tempStore(options);
  const { v1: notes } = makeTables();
  const totals = table<Total, string>({ name: 'totals', version: 1, key: 'name', storage: 'disc' });
  const scratch = table<Total, string>({ name: 'scratch', version: 1, key: 'name', storage: 'ram' });
  await store.attach([notes, totals, scratch]);
  return { store, notes, totals, scratch };
}

describe('a transaction', () => {
  it('writes several tables as one, and gives what its callback returns', async () => {
    const { store, notes, totals } = await twoTables();
    const sum = await store.transaction((within) => {
      within(notes).put(note('a'));
      expect(within(notes).get('a')).toEqual(note('a'));
      expect([within(notes).count(), notes.get('a')?.id]).toEqual([1, 'a']);
      return within(totals).updateCounter('notes', 'value', 1, { name: 'notes', value: 0 });
    });
    expect([sum, notes.has('a'), totals.get('notes')?.value]).toEqual([1, true, 1]);
  });

  it('rule 3: that throws leaves nothing, while others that share its commit are kept', async () => {
    const { notes, totals, store } = await twoTables();
    await notes.put(note('gone'));
    const before = notes.put(note('before'));
    const failed = transaction(notes, (within) => {
      within(notes).put(note('a'));
      within(notes).delete('gone');
      within(totals).put({ name: 'a', value: 1 });
      throw new Error('changed my mind');
    });
    const after = store.transaction((within) => within(notes).put(note('after')));
    await expect(failed).rejects.toThrow('changed my mind');
    await Promise.all([before, after]);
    expect([...notes.range()].map(({ id }) => id)).toEqual(['after', 'before', 'gone']);
    expect(totals.count()).toBe(0);
  });

  it('rule 3: whose callback returns a promise is refused and rolled back, and can not write later', async () => {
    const { notes, store } = await twoTables();
    let kept: TableTransaction<NoteV1, string> | undefined;
    const late = store.transaction(async (within) => {
      kept = within(notes);
      kept.put(note('a'));
      await Promise.resolve();
      kept.put(note('b'));
    });
    expect(await codeOf(() => late)).toBe('promise_in_transaction');
    expect(await codeOf(() => kept?.put(note('c')))).toBe('transaction_over');
    expect(notes.count()).toBe(0);
  });

  it('refuses writes that would not be part of it', async () => {
    const { notes, store } = await twoTables();
    const nested = store.transaction((within) => {
      within(notes).put(note('a'));
      void notes.put(note('b'));
    });
    expect(await codeOf(() => nested)).toBe('in_transaction');
    expect(notes.count()).toBe(0);
  });

  it('covers one storage', async () => {
    const { scratch, notes, store } = await twoTables();
    const mixed = store.transaction((within) => {
      within(notes).put(note('a'));
      within(scratch).put({ name: 'a', value: 1 });
    });
    expect(await codeOf(() => mixed)).toBe('wrong_storage');
    expect(notes.count()).toBe(0);
    await store.transaction((within) => within(scratch).put({ name: 'a', value: 1 }), { storage: 'ram' });
    await transaction(scratch, (within) => within(scratch).updateCounter('a', 'value'));
    expect(scratch.get('a')?.value).toBe(2);
  });

  it('may write while it goes over a range', async () => {
    const { notes, store } = await twoTables();
    await Promise.all(Array.from({ length: 300 }, (_, index) => notes.put(note(`n${index}`))));
    await store.transaction((within) => {
      for (const row of within(notes).range()) {
        within(notes).delete(row.id);
        within(notes).put({ ...row, id: `moved-${row.id}` });
      }
    });
    expect(notes.count()).toBe(300);
    expect([...notes.range({ prefix: 'moved-' })]).toHaveLength(300);
  });

  it('is serialisable with all others of its process', async () => {
    const { totals, store } = await twoTables();
    await totals.put({ name: 'a', value: 500 });
    await totals.put({ name: 'b', value: 500 });
    const move = (amount: number) =>
      store.transaction((within) => {
        const [a, b] = [within(totals).get('a'), within(totals).get('b')];
        if (a === undefined || b === undefined) throw new Error('an account is missing');
        within(totals).put({ ...a, value: a.value - amount });
        if (amount % 3 === 0) throw new Error('bounced');
        within(totals).put({ ...b, value: b.value + amount });
      });
    const moves = await Promise.allSettled(Array.from({ length: 60 }, (_, index) => move(index)));
    const moved = moves.reduce((sum, { status }, index) => sum + (status === 'fulfilled' ? index : 0), 0);
    expect([totals.get('a')?.value, totals.get('b')?.value]).toEqual([500 - moved, 500 + moved]);
  });

  it('rule 1: can run synchronously, also while others are queued, but not where only asynchronous writes are allowed', async () => {
    const { notes, store } = await twoTables();
    const queued = notes.put(note('queued'));
    store.transactionSync((within) => within(notes).put(note('now')));
    expect(notes.has('now')).toBe(true);
    expect(() =>
      store.transactionSync((within) => {
        within(notes).put(note('never'));
        throw new Error('no');
      }),
    ).toThrow('no');
    await queued;
    expect([...notes.range()].map(({ id }) => id)).toEqual(['now', 'queued']);
    const host = await twoTables({ asyncOnly: true });
    expect(
      await codeOf(() => host.store.transactionSync((within) => within(host.notes).put(note('a')))),
    ).toBe('sync_write');
    await host.notes.put(note('b'));
    expect([host.notes.has('a'), host.notes.has('b')]).toEqual([false, true]);
  });
});
