import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, verifyBackup } from '../../src/tables/index.ts';
import { chains, makeTables, note } from './fixtures/notes.ts';
import { codeOf, OtherProcess, refusal, tempDir, tempStore, until } from './helpers.ts';

/** Flips a bit in each copy of `text` in the file. */
function flip(file: string, text: string): void {
  const bytes = readFileSync(file);
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    found++;
  }
  expect(found).toBeGreaterThan(0);
  writeFileSync(file, bytes);
}

async function storeWith(ids: readonly string[]): Promise<string> {
  const dir = tempDir();
  const store = await openStore({ dir });
  const { v1 } = makeTables();
  await store.attach([v1]);
  await Promise.all(ids.map((id) => v1.put(note(id, `the text of ${id}, long enough to be found`))));
  await store.close();
  return dir;
}

const sumOf = (file: string): string =>
  `${createHash('sha256').update(readFileSync(file)).digest('hex')}  data.mdb\n`;

describe('a damaged row', () => {
  it('is named and counted, never returned; the others are', async () => {
    const dir = await storeWith(['a', 'b', 'c']);
    flip(join(dir, 'disc', 'data.mdb'), 'the text of b,');
    const store = await tempStore({ dir });
    const { v1, v2 } = makeTables();
    await store.attach([v1, v2], chains);
    expect(v1.get('a')?.id).toBe('a');
    expect(store.damage.count).toBe(0);
    for (const read of [
      () => v1.get('b'),
      () => v2.get('b'),
      () => [...v1.range()],
      () => v1.update('b', (row) => row),
    ]) {
      const error = await refusal(read);
      expect([error.code, error.table, error.key]).toEqual(['damaged', 'notes', 'b']);
      expect(error.message).toContain('table notes, key "b"');
    }
    expect(store.damage).toMatchObject({ count: 1, failures: [{ table: 'notes', key: 'b' }] });
    const report = await store.verifyLens({ table: v2 });
    expect(report).toMatchObject({ rows: 3, failed: 1, versions: { 0: 1, 1: 2 } });
    expect(report.failures).toEqual([
      { table: 'notes', key: 'b', reason: 'the stored row fails its checksum' },
    ]);
    await v1.put(note('b'));
    expect([v1.get('b'), store.damage.count]).toEqual([note('b'), 0]);
  });

  it('is found by a look at every row, attached or not', async () => {
    const dir = await storeWith(['a', 'b', 'c', 'd']);
    for (const id of ['b', 'd']) flip(join(dir, 'disc', 'data.mdb'), `the text of ${id},`);
    const store = await tempStore({ dir });
    const seen: number[] = [];
    const reports = await store.verifyRows({ onProgress: ({ rows, total }) => seen.push(rows, total) });
    expect(reports).toEqual([{ table: 'notes', rows: 4, versions: { 1: 2 }, damaged: 2, keys: ['b', 'd'] }]);
    expect(seen.slice(-2)).toEqual([4, 4]);
    expect(await codeOf(() => store.verifyRows({ tables: ['nothing'] }))).toBe('bad_table');
  });

  it('is noticed in its header too, whichever bit flips', async () => {
    const dir = await storeWith(['a']);
    const file = join(dir, 'disc', 'data.mdb');
    const whole = readFileSync(file);
    const text = whole.indexOf('the text of a');
    const start = whole.lastIndexOf(Buffer.from([1]), whole.lastIndexOf(Buffer.from([0, 1]), text) - 4);
    for (let bit = 0; bit < 7 * 8; bit++) {
      const bytes = Buffer.from(whole);
      const at = start + (bit >> 3);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
      writeFileSync(file, bytes);
      const store = await openStore({ dir });
      const { v1 } = makeTables();
      await store.attach([v1], chains);
      expect([bit, await codeOf(() => v1.get('a'))]).toEqual([bit, 'damaged']);
      await store.close();
    }
  });
});

describe('a backup', () => {
  it('is a whole copy of a store that goes on being written', async () => {
    const dir = tempDir();
    const store = await tempStore({ dir });
    const { v1 } = makeTables();
    await store.attach([v1]);
    await Promise.all(Array.from({ length: 5_000 }, (_, index) => v1.put(note(`n${index}`))));
    const other = await OtherProcess.start(dir);
    other.send({ op: 'hammer', prefix: 'other', writers: 4 });
    await until('writes of the other process', () => other.acknowledged.length > 10);
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);
    await until('more writes', () => other.acknowledged.length > 30);
    await other.kill();
    const counts = await verifyBackup(copy);
    expect(counts.notes).toBeGreaterThanOrEqual(5_010);
    const restored = await tempStore({ dir: tempDir() });
    expect(restored.tables()).toEqual([]);
    await expect(store.backup(copy)).rejects.toThrow();
  });

  it('can be opened as a store', async () => {
    const dir = await storeWith(['a', 'b']);
    const store = await tempStore({ dir });
    const target = tempDir();
    await store.backup(join(target, 'disc'));
    const restored = await tempStore({ dir: target });
    const { v1 } = makeTables();
    await restored.attach([v1]);
    expect([v1.count(), v1.get('b')?.id]).toEqual([2, 'b']);
  });

  it('with a damaged row or a file cut short is refused', async () => {
    const store = await tempStore({
      dir: await storeWith(Array.from({ length: 500 }, (_, index) => `n${index}`)),
    });
    const copy = join(tempDir(), 'copy');
    await store.backup(copy);
    expect(await verifyBackup(copy)).toEqual({ notes: 500 });
    expect(readFileSync(join(copy, 'data.mdb.sha256'), 'utf8')).toBe(sumOf(join(copy, 'data.mdb')));
    flip(join(copy, 'data.mdb'), 'the text of n77,');
    expect((await refusal(() => verifyBackup(copy))).message).toContain('its sum is');
    writeFileSync(join(copy, 'data.mdb.sha256'), sumOf(join(copy, 'data.mdb')));
    const error = await refusal(() => verifyBackup(copy));
    expect([error.code, error.table, error.key]).toEqual(['backup_damaged', 'notes', 'n77']);
    const short = join(tempDir(), 'short');
    await store.backup(short);
    for (const size of [40_000, 8_192, 100, 0]) {
      truncateSync(join(short, 'data.mdb'), size);
      expect([size, await codeOf(() => verifyBackup(short))]).toEqual([size, 'backup_damaged']);
    }
    expect(await codeOf(() => verifyBackup(join(short, 'nowhere')))).toBe('backup_damaged');
  });
});
