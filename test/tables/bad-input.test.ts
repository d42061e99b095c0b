/** What is refused, with one line that says what was wrong, and with nothing written. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openStore, table } from '../../src/tables/index.ts';
import { Partition } from '../../src/tables/partition.ts';
import { STORE_FORMAT } from '../../src/tables/store-format.ts';
import { makeTables, note } from './fixtures/notes.ts';
import { later, refusal, tempDir, tempStore } from './helpers.ts';

describe('a row that violates its schema', () => {
  const schema = z.object({ id: z.string(), parts: z.array(z.object({ size: z.number().max(9) })) });
  type Thing = z.infer<typeof schema>;

  it('is refused with the path of each field that is wrong, and nothing is written', async () => {
    const store = await tempStore();
    const things = table<Thing, string>({ name: 'things', version: 1, key: 'id', storage: 'disc', schema });
    await store.attach([things]);
    await things.put({ id: 'a', parts: [{ size: 1 }] });
    const bad = { id: 'a', parts: [{ size: 1 }, { size: 10 }, { size: 'x' as unknown as number }] };
    for (const write of [
      () => things.put(bad),
      () => things.update('a', () => bad),
      () => store.transaction((within) => within(things).put(bad)),
    ]) {
      const { code, message } = await refusal(write);
      expect(code).toBe('bad_row');
      expect(message).toMatch(/^table things, key "a": .*\(parts\[1\]\.size: [^;]+; parts\[2\]\.size: .+\)$/);
      expect(message).not.toContain('\n');
    }
    expect([...things.range()]).toEqual([{ id: 'a', parts: [{ size: 1 }] }]);
  });
});

describe('a store of a newer format', () => {
  it('is refused in one line that names the store and both formats, and is left as it was', async () => {
    const dir = tempDir();
    const store = await openStore({ dir });
    const { v1 } = makeTables();
    await store.attach([v1]);
    await v1.put(note('a'));
    await store.close();
    const setFormat = async (format: number): Promise<void> => {
      const disc = await Partition.open('disc', { path: join(dir, 'disc'), sync: true });
      const records = await disc.environment.openRecords<number>('$indexes');
      await disc.environment.transaction(() => void records?.put('$format', format));
      await disc.environment.close(10_000);
    };
    await setFormat(STORE_FORMAT + 1);
    for (const readOnly of [false, true]) {
      const { code, message } = await refusal(() => openStore({ dir, readOnly }));
      expect(code).toBe('newer_format');
      expect(message).toContain(`${join(dir, 'disc')} has format ${STORE_FORMAT + 1}`);
      expect(message).toContain(`up to ${STORE_FORMAT}`);
      expect(message).not.toContain('\n');
    }
  });

  it('of the present one is opened again', async () => {
    const dir = tempDir();
    await (await openStore({ dir })).close();
    const again = await openStore({ dir });
    later(() => again.close());
    expect(again.tables()).toEqual([]);
  });
});

describe('a table that is declared twice', () => {
  const spec = { name: 'twice', version: 1, key: 'id', storage: 'disc' } as const;
  type Row = { id: string; other: string };

  it.each([
    ['as the same version', {}],
    ['with another key', { version: 2, key: 'other' }],
    ['with another storage', { version: 2, storage: 'ram' }],
    ['with another type', { version: 2, type: 'ordered_set' }],
  ] as const)('%s is refused before anything of it is there', async (_name, change) => {
    const store = await tempStore();
    const both = [table<Row>(spec), table<Row>({ ...spec, ...change })];
    const chains = {
      twice: [{ version: 1 }, { version: 2, lens: { up: (r: unknown) => r, down: (r: unknown) => r } }],
    };
    const { code, message } = await refusal(() => store.attach(both, chains));
    expect([code, message]).toEqual(['bad_table', expect.stringContaining('it is declared twice')]);
    expect(store.tables()).toEqual([]);
  });
});
