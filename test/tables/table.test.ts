import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openStore, type TableKey, table } from '../../src/tables/index.ts';
import { makeTables, type NoteV1, note } from './fixtures/notes.ts';
import { codeOf, refusal, tempDir, tempStore } from './helpers.ts';

async function notesStore() {
  const store = await tempStore();
  const { v1: notes } = makeTables();
  await store.attach([notes]);
  return { store, notes };
}

describe('a handle', () => {
  it('used before it is attached, or after the store is closed, says so', async () => {
    const { v1 } = makeTables();
    expect((await refusal(() => v1.get('a'))).message).toMatch(/table notes: .*before it was attached/);
    const store = await openStore({ dir: tempDir() });
    await store.attach([v1]);
    expect(v1.get('a')).toBeUndefined();
    await store.close();
    expect(await codeOf(() => v1.get('a'))).toBe('not_attached');
  });

  it('puts, gets, has, counts, deletes and takes', async () => {
    const { notes } = await notesStore();
    await notes.put(note('a'));
    await notes.put(note('b'));
    expect(notes.get('a')).toEqual(note('a'));
    expect(notes.getMany(['b', 'x', 'a'])).toEqual([note('b'), undefined, note('a')]);
    expect([notes.has('a'), notes.has('x'), notes.count()]).toEqual([true, false, 2]);
    expect([await notes.delete('a'), await notes.delete('a')]).toEqual([true, false]);
    expect([await notes.take('b'), await notes.take('b')]).toEqual([note('b'), undefined]);
    expect(notes.count()).toBe(0);
  });

  it('puts a new row only where there is none', async () => {
    const { notes } = await notesStore();
    expect(await Promise.all([notes.putNew(note('a', 'first')), notes.putNew(note('a', 'second'))])).toEqual([
      true,
      false,
    ]);
    expect(notes.get('a')?.text).toBe('first');
  });

  it('updates with nothing in between', async () => {
    const { notes } = await notesStore();
    await notes.put(note('a'));
    const add = () => notes.update('a', (row) => row && { ...row, count: row.count + 1 });
    await Promise.all(Array.from({ length: 100 }, add));
    await Promise.all(Array.from({ length: 100 }, () => notes.updateCounter('a', 'count')));
    expect(notes.get('a')?.count).toBe(200);
    expect(await notes.update('x', () => undefined)).toBeUndefined();
    expect(notes.has('x')).toBe(false);
    expect(await notes.updateCounter('x', 'count', 5, note('x'))).toBe(5);
    expect(await codeOf(() => notes.updateCounter('y', 'count'))).toBe('bad_row');
    expect(await codeOf(() => notes.updateCounter('x', 'text'))).toBe('bad_row');
    expect(await codeOf(() => notes.update('a', (row) => row && { ...row, id: 'b' }))).toBe('bad_row');
  });

  it('refuses an update that returns a promise, and writes nothing', async () => {
    const { notes } = await notesStore();
    await notes.put(note('a'));
    const late = () => Promise.resolve(note('a', 'late')) as unknown as NoteV1;
    expect(await codeOf(() => notes.update('a', late))).toBe('promise_in_transaction');
    expect(notes.get('a')).toEqual(note('a'));
  });

  it('goes through ranges in key order, both ways, in pages', async () => {
    const { notes } = await notesStore();
    const ids = Array.from({ length: 300 }, (_, index) => `n${String(index).padStart(3, '0')}`);
    await Promise.all([...ids].reverse().map((id) => notes.put(note(id))));
    const idsOf = (options: Parameters<typeof notes.range>[0]) =>
      [...notes.range(options)].map(({ id }) => id);
    expect(idsOf({})).toEqual(ids);
    expect(idsOf({ reverse: true })).toEqual([...ids].reverse());
    expect(idsOf({ start: 'n010', end: 'n013' })).toEqual(['n010', 'n011', 'n012']);
    expect(idsOf({ start: 'n012', end: 'n009', reverse: true })).toEqual(['n012', 'n011', 'n010']);
    expect(idsOf({ start: 'n100', limit: 150 })).toEqual(ids.slice(100, 250));
    expect(idsOf({ prefix: 'n29' })).toEqual(ids.slice(290));
    expect(idsOf({ prefix: 'n29', reverse: true, limit: 2 })).toEqual(['n299', 'n298']);
    expect(idsOf({ prefix: 'n290', reverse: true })).toEqual(['n290']);
    expect(idsOf({ limit: 0 })).toEqual([]);
    expect(await codeOf(() => idsOf({ prefix: 'n', start: 'n' }))).toBe('bad_key');
  });

  it('rule 4: keeps no snapshot while a loop over a range waits', async () => {
    const { notes } = await notesStore();
    await Promise.all(Array.from({ length: 200 }, (_, index) => notes.put(note(`a${index}`))));
    const seen: string[] = [];
    for (const { id } of notes.range()) {
      if (seen.length === 0) await notes.put(note('z'));
      seen.push(id);
    }
    expect(seen).toHaveLength(201);
    expect(seen.at(-1)).toBe('z');
  });

  it('refuses rows that violate its schema, and stores what the schema makes of them', async () => {
    const store = await tempStore();
    const schema = z.object({ id: z.string(), size: z.number().default(7) });
    const things = table<z.infer<typeof schema>, string>({
      name: 'things',
      version: 1,
      key: 'id',
      storage: 'ram',
      schema,
    });
    await store.attach([things]);
    const bad = await refusal(() => things.put({ id: 'a', size: 'large' as unknown as number }));
    expect(bad.message).toMatch(/table things, key "a": the row violates the schema/);
    await things.put({ id: 'b', more: 1 } as unknown as z.infer<typeof schema>);
    expect(things.get('b')).toEqual({ id: 'b', size: 7 });
    expect(things.count()).toBe(1);
  });

  it('keeps values of all kinds apart', async () => {
    const store = await tempStore();
    const values = table<{ id: number; value: unknown }, number>({
      name: 'values',
      version: 1,
      key: 'id',
      storage: 'ram',
    });
    await store.attach([values]);
    const value = {
      map: new Map([['a', { deep: [1, 2] }]]),
      set: new Set([1]),
      date: new Date(5),
      big: 2n ** 100n,
      bytes: new Uint8Array([1, 2, 3]),
      nothing: null,
      plain: { a: 1 },
      fraction: 0.1,
      text: 'ä€𝄞'.repeat(10_000),
    };
    await values.put({ id: 1, value });
    expect(values.get(1)?.value).toEqual(value);
  });
});

describe('keys', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['not a number', Number.NaN],
    ['an object', {}],
    ['an array of one part', ['alone']],
    ['a string with U+0000', 'with \u0000'],
    ['a string with half a character', '\ud800'],
    ['a string of 2,000 characters', 'x'.repeat(2_000)],
    ['an array as long', [1, 'x'.repeat(2_000)]],
  ])('%s can not be one', async (_name, key) => {
    const store = await tempStore();
    const odd = table<{ id: TableKey }>({ name: 'odd', version: 1, key: 'id', storage: 'ram' });
    await store.attach([odd]);
    expect(await codeOf(() => odd.put({ id: key as TableKey }))).toBe('bad_key');
    expect(await codeOf(() => odd.get(key as TableKey))).toBe('bad_key');
  });

  it('come back as they were written, each its own', async () => {
    const store = await tempStore();
    const any = table<{ id: TableKey }, TableKey>({ name: 'any', version: 1, key: 'id', storage: 'ram' });
    await store.attach([any]);
    const text = fc
      .string({ unit: 'binary', maxLength: 80 })
      .filter((characters) => [...characters].every((character) => character > '\u0004'));
    const part = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const key = fc.oneof(part, fc.array(part, { minLength: 2, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 20, selector: (k) => JSON.stringify(k) }),
        async (keys) => {
          for (const { id } of any.range()) await any.delete(id);
          await Promise.all(keys.map((id) => any.put({ id })));
          const back = [...any.range()].map(({ id }) => JSON.stringify(id));
          expect(back.sort()).toEqual(keys.map((id) => JSON.stringify(id)).sort());
          for (const id of keys) expect(JSON.stringify(any.get(id)?.id)).toBe(JSON.stringify(id));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a store', () => {
  it('lists its tables for those who have no handle', async () => {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const { v1 } = makeTables();
    const ram = table<{ id: number }>({ name: 'ram_table', version: 1, key: 'id', storage: 'ram' });
    await store.attach([v1, ram]);
    await v1.put(note('a'));
    const reader = await tempStore({ dir, readOnly: true });
    expect(reader.tables()).toEqual([
      { name: 'notes', key: 'id', type: 'ordered_set', storage: 'disc' },
      { name: 'ram_table', key: 'id', type: 'set', storage: 'ram' },
    ]);
    expect(await reader.count('notes')).toBe(1);
    expect(await codeOf(() => reader.count('nowhere'))).toBe('bad_table');
  });

  it('opened read-only creates nothing and refuses writes', async () => {
    const dir = tempDir();
    await tempStore({ dir });
    const reader = await tempStore({ dir, readOnly: true });
    const { v1 } = makeTables();
    await reader.attach([v1]);
    expect([v1.get('a'), v1.count(), [...v1.range()]]).toEqual([undefined, 0, []]);
    expect(await codeOf(() => v1.put(note('a')))).toBe('read_only');
    expect(reader.tables()).toEqual([]);
  });

  it('refuses a table whose key field, type or storage another version had otherwise', async () => {
    const store = await tempStore();
    await store.attach([makeTables().v1]);
    const spec = { name: 'notes', version: 2, key: 'id', storage: 'disc', type: 'ordered_set' } as const;
    for (const change of [{ key: 'text' }, { type: 'set' }, { storage: 'ram' }] as const) {
      const changed = table<NoteV1>({ ...spec, ...change });
      expect(await codeOf(() => store.attach([changed], { notes: [{ version: 2 }] }))).toBe('bad_table');
    }
  });

  it('refuses nonsense in a declaration', async () => {
    const spec = { name: 'ok', version: 1, key: 'id', storage: 'disc' } as const;
    for (const change of [
      { name: '$tables' },
      { version: 0 },
      { version: 70_000 },
      { key: '' },
      { storage: 'tape' },
    ]) {
      expect(await codeOf(() => table({ ...spec, ...change } as typeof spec))).toBe('bad_table');
    }
  });
});
