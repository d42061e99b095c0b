/** Several processes with one store open: freshness, a stopped writer, a growing file, killed writers, flushes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { emptyRam, openStore, table } from '../../src/tables/index.ts';
import { makeTables, type NoteV1, note } from './fixtures/notes.ts';
import { codeOf, fixture, isStopped, later, OtherProcess, tempDir, tempStore, until } from './helpers.ts';

/** Each test starts several processes of Node, which on a busy machine takes seconds each. */
vi.setConfig({ testTimeout: 240_000 });

async function notesStore(options: Parameters<typeof tempStore>[0] = {}) {
  const dir = tempDir();
  const store = await tempStore({ dir, ...options });
  const { v1: notes } = makeTables();
  await store.attach([notes]);
  return { dir, store, notes };
}

describe('freshness', () => {
  it('rule 2: a read after another process has written is stale without refresh, and fresh with it', async () => {
    const { dir, store, notes } = await notesStore();
    await notes.put(note('a', 'mine'));
    expect(notes.get('a')?.text).toBe('mine');
    const writer = spawnSync(process.execPath, [fixture('put-once.ts'), dir, 'a', 'theirs']);
    expect(writer.status).toBe(0);
    expect(notes.get('a')?.text).toBe('mine');
    store.refresh();
    expect(notes.get('a')?.text).toBe('theirs');
  });

  it('holds in both directions over messages', async () => {
    const { dir, store, notes } = await notesStore();
    const other = await OtherProcess.start(dir);
    for (let count = 0; count < 50; count++) {
      await notes.put(note('a', 'mine', count));
      expect(await other.run({ op: 'get', id: 'a' })).toEqual(note('a', 'mine', count));
      await other.run({ op: 'put', row: note('b', 'theirs', count) });
      store.refresh();
      expect(notes.get('b')?.count).toBe(count);
    }
  });
});

describe('a process that is stopped inside of a write transaction', () => {
  it('rule 1: stops no reads, is told by the probe, and once it is killed writes go on without its own', async () => {
    const { dir, store, notes } = await notesStore({ asyncOnly: true });
    await notes.put(note('a'));
    expect(await store.probeWriter(5_000)).toBe(true);
    const other = await OtherProcess.start(dir);
    other.send({ op: 'hold', row: note('held') });
    await until('the other process to be stopped', () => isStopped(other.child.pid));
    let written = false;
    const write = notes.put(note('b')).then(() => {
      written = true;
    });
    expect(await store.probeWriter(300)).toBe(false);
    expect(await store.probeWriter(300)).toBe(false);
    store.refresh();
    expect([notes.get('a'), notes.has('held'), written]).toEqual([note('a'), false, false]);
    expect(store.readers().some(({ pid }) => pid === process.pid)).toBe(true);
    await other.kill();
    await write;
    expect(await store.probeWriter(5_000)).toBe(true);
    expect([notes.has('b'), notes.has('held')]).toEqual([true, false]);
  });

  it('lets the store be closed only when it has ended', async () => {
    const dir = tempDir();
    const store = await openStore({ dir });
    const { v1: notes } = makeTables();
    await store.attach([notes]);
    const other = await OtherProcess.start(dir);
    other.send({ op: 'hold', row: note('held') });
    await until('the other process to be stopped', () => isStopped(other.child.pid));
    const write = notes.put(note('b'));
    expect(await codeOf(() => store.close(200))).toBe('timeout');
    await other.kill();
    await write;
  });

  it('rule 4: leaves a reader slot, which readerCheck frees', async () => {
    const { dir, store } = await notesStore();
    const other = await OtherProcess.start(dir);
    await other.run({ op: 'get', id: 'a' });
    const pid = other.child.pid;
    expect(store.readers().some((reader) => reader.pid === pid && reader.storage === 'disc')).toBe(true);
    await other.kill();
    expect(store.readerCheck()).toBeGreaterThan(0);
    expect(store.readers().some((reader) => reader.pid === pid)).toBe(false);
  });
});

describe('a file that grows', () => {
  it('beyond the map of this process, through another, is read and written on', async () => {
    const { dir, store, notes } = await notesStore({ mapSize: 2 ** 20 });
    await notes.put(note('a'));
    const other = await OtherProcess.start(dir);
    await other.run({ op: 'fill', rows: 10_000 });
    store.refresh();
    expect(notes.count()).toBe(10_001);
    expect([...notes.range({ prefix: 'fill' })].every(({ text }) => text.length === 1_000)).toBe(true);
    await Promise.all(
      Array.from({ length: 5_000 }, (_, index) => notes.put(note(`m${index}`, 'y'.repeat(1_000)))),
    );
    expect(await other.run({ op: 'get', id: 'm4999' })).toEqual(note('m4999', 'y'.repeat(1_000)));
    expect(notes.count()).toBe(15_001);
  });
});

describe('a writer that is killed', () => {
  it('has lost nothing that was acknowledged, ten times over', async () => {
    const { dir, store, notes } = await notesStore();
    for (let round = 0; round < 10; round++) {
      const other = await OtherProcess.start(dir);
      other.send({ op: 'hammer', prefix: `round${round}`, writers: 8 });
      await until('writes to be acknowledged', () => other.acknowledged.length >= 20 + round * 17);
      await other.kill();
      store.refresh();
      const lost = other.acknowledged.filter((id) => notes.get(id)?.id !== id);
      expect(lost).toEqual([]);
    }
    expect(store.damage.count).toBe(0);
    expect((await store.verifyLens({ table: notes })).failed).toBe(0);
    await notes.put(note('still writable'));
  });
});

const STRACE = ['-f', '-qq', '-e', 'trace=fdatasync,fsync,msync,write', '-s', '16'];
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!canTrace)('flushes', () => {
  /** How often the process that wrote `rows` rows flushed a file between its first write and its last acknowledgement. */
  function countFlushes(storage: string, rows: number, order: string): number {
    const args = [fixture('put-many.ts'), tempDir(), storage, String(rows), order];
    const log = join(mkdtempSync(join(tempDir(), 'trace-')), 'log');
    const traced = spawnSync('strace', [...STRACE, '-o', log, process.execPath, ...args]);
    expect(traced.status).toBe(0);
    const lines = readFileSync(log, 'utf8').split('\n');
    const from = lines.findIndex((line) => line.includes('write(2, "attached'));
    const to = lines.findIndex((line) => line.includes('write(2, "written'));
    expect([from > 0, to > from]).toEqual([true, true]);
    return lines.slice(from, to).filter((line) => /(fdatasync|fsync|msync)\(/.test(line)).length;
  }

  it('each disc write is flushed before it is acknowledged', () => {
    expect(countFlushes('disc', 20, 'sequential')).toBeGreaterThanOrEqual(20);
  });

  it('writes at the same time share them', () => {
    expect(countFlushes('disc', 200, 'concurrent')).toBeLessThan(20);
  });

  it('ram writes need none', () => {
    expect(countFlushes('ram', 20, 'sequential')).toBe(0);
  });
});

describe('a disk that is full', () => {
  it('fails the write by name and leaves what was there', async () => {
    const dir = tempDir();
    const limited = await OtherProcess.start(dir, 'disc', "trap '' XFSZ; ulimit -f 2000");
    await limited.run({ op: 'put', row: note('a') });
    await expect(limited.run({ op: 'fill', rows: 20_000 })).rejects.toThrow('the write was not committed');
    await limited.kill();
    const store = await tempStore({ dir });
    const { v1: notes } = makeTables();
    await store.attach([notes]);
    expect([notes.get('a'), notes.count()]).toEqual([note('a'), 1]);
    await notes.put(note('b'));
  });
});

describe('ram tables', () => {
  it('rule 11: are shared by processes, live on while the node does, and are emptied when it boots', async () => {
    const dir = tempDir();
    const ram = table<NoteV1, string>({
      name: 'notes',
      version: 1,
      key: 'id',
      type: 'ordered_set',
      storage: 'ram',
    });
    const first = await openStore({ dir });
    await first.attach([ram]);
    const other = await OtherProcess.start(dir, 'ram');
    await other.run({ op: 'put', row: note('a') });
    await other.kill();
    first.refresh();
    expect(ram.get('a')).toEqual(note('a'));
    await first.close();
    const second = await openStore({ dir });
    await second.attach([ram]);
    expect(ram.count()).toBe(1);
    await second.close();
    await emptyRam(dir);
    const third = await openStore({ dir });
    later(() => third.close());
    await third.attach([ram]);
    expect(ram.count()).toBe(0);
  });
});
