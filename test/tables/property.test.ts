/** Two versions of the code write one table at random; a Map that follows the rules agrees with what each of them sees. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cloneRow, differingFields, structuredEqual } from '../../src/tables/equal.ts';
import { chains, makeTables, type NoteV1, type NoteV2, note, toV2 } from './fixtures/notes.ts';
import { tempStore } from './helpers.ts';

type Step =
  | { op: 'old' | 'oldUpdate'; id: string; text: string; count: number }
  | { op: 'new'; id: string; text: string; count: number; tags: string[]; priority: number }
  | { op: 'delete' | 'take' | 'reborn'; id: string }
  | { op: 'rollback'; id: string };

const id = fc.constantFrom('a', 'b', 'c', 'd');
const text = fc.string({ maxLength: 8 });
const count = fc.integer({ min: 0, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('old', 'oldUpdate'), id, text, count }),
  fc.record({
    op: fc.constant('new'),
    id,
    text,
    count,
    tags: fc.array(text, { maxLength: 2 }),
    priority: count,
  }),
  fc.record({ op: fc.constantFrom('delete', 'take', 'reborn', 'rollback'), id }),
) as fc.Arbitrary<Step>;

interface Stored {
  version: number;
  row: NoteV2;
}

/** An older row over what is there: a newer row keeps its version, tags and priority. */
function writeOld(model: Map<string, Stored>, row: NoteV1): void {
  const before = model.get(row.id);
  if (before?.version === 2) model.set(row.id, { version: 2, row: { ...before.row, ...row } });
  else model.set(row.id, { version: 1, row: toV2.up(row) as NoteV2 });
}

it('rows seen and written through lenses follow the rules', { timeout: 120_000 }, async () => {
  const store = await tempStore();
  const { v1, v2 } = makeTables();
  await store.attach([v1, v2], { notes: (chains.notes ?? []).slice(0, 2) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const model = new Map<string, Stored>();
      await store.transaction((within) => {
        for (const row of within(v1).range()) within(v1).delete(row.id);
      });
      for (const action of steps) await apply(action, model);
      expect([...v2.range()]).toEqual(
        [...model.values()].map(({ row }) => row).sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
      for (const { row } of model.values()) expect(v1.get(row.id)).toEqual(toV2.down(row));
      const versions: Record<number, number> = {};
      for (const { version } of model.values()) versions[version] = (versions[version] ?? 0) + 1;
      expect(await store.rowsPerVersion('notes')).toEqual(versions);
    }),
    { numRuns: 60 },
  );

  async function apply(action: Step, model: Map<string, Stored>): Promise<void> {
    switch (action.op) {
      case 'old': {
        const { op: _op, ...row } = action;
        await v1.put(row);
        return writeOld(model, row);
      }
      case 'oldUpdate': {
        const updated = await v1.update(action.id, (row) => row && { ...row, text: action.text });
        expect(updated !== undefined).toBe(model.has(action.id));
        if (updated !== undefined) writeOld(model, updated);
        return;
      }
      case 'new': {
        const { op: _op, ...row } = action;
        await v2.put(row);
        model.set(row.id, { version: 2, row });
        return;
      }
      case 'delete':
        expect(await v1.delete(action.id)).toBe(model.delete(action.id));
        return;
      case 'take': {
        expect(await v2.take(action.id)).toEqual(model.get(action.id)?.row);
        model.delete(action.id);
        return;
      }
      case 'reborn': {
        const row = note(action.id);
        await store.transaction((within) => {
          within(v1).delete(row.id);
          within(v1).put(row);
        });
        model.set(row.id, { version: 1, row: toV2.up(row) as NoteV2 });
        return;
      }
      case 'rollback': {
        const failed = store.transaction((within) => {
          within(v2).put({ ...note(action.id), tags: ['never'], priority: 9 });
          within(v1).delete('a');
          throw new Error('rolled back');
        });
        await expect(failed).rejects.toThrow('rolled back');
        return;
      }
    }
  }
});

it('equality of rows is that of their data', () => {
  const value = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
  });
  fc.assert(
    fc.property(value, (any) => {
      expect(structuredEqual(any, cloneRow(any))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [left, right] = [a, b].map((json) => JSON.stringify(json).replaceAll('-0', '0'));
      expect(structuredEqual(JSON.parse(left ?? ''), JSON.parse(left ?? ''))).toBe(true);
      if (structuredEqual(a, b)) expect(sortedJson(left)).toBe(sortedJson(right));
    }),
  );
  expect(structuredEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(structuredEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe(false);
  expect(structuredEqual(new Date(1), new Date(2))).toBe(false);
  expect(structuredEqual(new Map([['a', 1]]), new Map([['a', 2]]))).toBe(false);
  expect(structuredEqual(Buffer.from('a'), new Uint8Array([97]))).toBe(true);
  expect(structuredEqual([1], { 0: 1 })).toBe(false);
  expect(structuredEqual(Number.NaN, Number.NaN)).toBe(true);
  expect(differingFields({ a: 1, b: [2], c: undefined }, { b: [3], d: 4 })).toEqual(['a', 'b', 'd']);
});

const sortedJson = (json: string | undefined): string => [...(json ?? '')].sort().join('');
