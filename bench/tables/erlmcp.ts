import { openStore, table, transaction } from '../../src/tables/index.ts';
import type { Peer } from './peer.ts';
import type { BenchCounter, BenchRow } from './rows.ts';

/** Our tables as an author uses them. @param storage of the rows: `ram` waits for no disk */
export async function openErlmcp(dir: string, storage: 'disc' | 'ram'): Promise<Peer> {
  const rows = table<BenchRow, string>({
    name: 'rows',
    version: 1,
    key: 'id',
    storage,
    type: 'ordered_set',
  });
  const counters = table<BenchCounter, string>({ name: 'counters', version: 1, key: 'id', storage });
  const store = await openStore({ dir });
  await store.attach([rows, counters]);
  return {
    name: storage === 'disc' ? 'erlmcp' : 'erlmcp_ram',
    label: storage === 'disc' ? 'erlmcp' : 'erlmcp, `ram`',
    get: (key) => rows.get(key),
    put: (row) => rows.put(row),
    putAtOnce: async (all) => {
      await Promise.all(all.map((row) => rows.put(row)));
    },
    putTogether: (all) =>
      transaction(rows, (within) => {
        const written = within(rows);
        for (const row of all) written.put(row);
      }),
    transact: (first, second, counter) =>
      transaction(rows, (within) => {
        within(rows).put(first);
        within(rows).put(second);
        within(counters).put(counter);
      }),
    scan: () => {
      let sum = 0;
      for (const { priority } of rows.range()) sum += priority;
      return sum;
    },
    close: () => store.close(),
  };
}
