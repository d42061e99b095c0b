import type { Peer } from './peer.ts';
import type { BenchCounter, BenchRow } from './rows.ts';

/** What a server would do without tables: nothing is durable, no other process sees it, and a scan is in no order of keys. */
export function openMap(): Peer {
  const rows = new Map<string, BenchRow>();
  const counters = new Map<string, BenchCounter>();
  /** A copy, as all who store a row make one. */
  const put = (row: BenchRow): void => void rows.set(row.id, { ...row });
  const putAll = (all: readonly BenchRow[]): void => all.forEach(put);
  return {
    name: 'map',
    label: 'Map, nothing durable',
    get: (key) => rows.get(key),
    put,
    putAtOnce: putAll,
    putTogether: putAll,
    transact: (first, second, counter) => {
      put(first);
      put(second);
      counters.set(counter.id, { ...counter });
    },
    scan: () => {
      let sum = 0;
      for (const { priority } of rows.values()) sum += priority;
      return sum;
    },
    close: () => {},
  };
}
