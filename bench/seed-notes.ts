/** Notes as release 2.1.0 writes them, put into the store of a node that does not run. */
import { join } from 'node:path';
import { openStore, table, transaction } from '../src/tables/index.ts';

const IN_A_TRANSACTION = 10_000;

/** Keys are `n00000000` and so on. */
export async function seedNotes(home: string, count: number): Promise<void> {
  const store = await openStore({ dir: join(home, 'data') });
  const notes = table<{ id: string; text: string }, string>({
    name: 'notes',
    version: 1,
    key: 'id',
    storage: 'disc',
    type: 'ordered_set',
  });
  await store.attach([notes]);
  for (let from = 0; from < count; from += IN_A_TRANSACTION)
    await transaction(notes, (within) => {
      for (let at = from; at < Math.min(count, from + IN_A_TRANSACTION); at += 1)
        within(notes).put({
          id: `n${String(at).padStart(8, '0')}`,
          text: `a note of some words, number ${at}`,
        });
    });
  await store.close();
}
