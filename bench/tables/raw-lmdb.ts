import { join } from 'node:path';
import { open } from 'lmdb';
import type { Peer } from './peer.ts';
import type { BenchCounter, BenchRow } from './rows.ts';

/** The same library with the same settings, and nothing of ours. A child transaction is the one that undoes all when it throws. */
export function openLmdb(dir: string): Peer {
  const root = open({ path: join(dir, 'lmdb'), noSubdir: false, overlappingSync: false });
  const rows = root.openDB<BenchRow, string>({ name: 'rows', encoding: 'msgpack' });
  const counters = root.openDB<BenchCounter, string>({ name: 'counters', encoding: 'msgpack' });
  return {
    name: 'lmdb',
    label: 'raw lmdb',
    get: (key) => rows.get(key),
    put: async (row) => {
      await rows.put(row.id, row);
    },
    putAtOnce: async (all) => {
      await Promise.all(all.map((row) => rows.put(row.id, row)));
    },
    putTogether: (all) =>
      root.childTransaction(() => {
        for (const row of all) void rows.put(row.id, row);
      }),
    transact: (first, second, counter) =>
      root.childTransaction(() => {
        void rows.put(first.id, first);
        void rows.put(second.id, second);
        void counters.put(counter.id, counter);
      }),
    scan: () => {
      let sum = 0;
      for (const { value } of rows.getRange()) sum += value.priority;
      return sum;
    },
    close: () => root.close(),
  };
}
