/** Opens the tables as a runner does, says so, and ends. */
import { openStore, table } from '../../src/tables/index.ts';

const store = await openStore({ dir: process.argv[2] ?? '' });
process.send?.('opened');
await store.attach([table<{ id: string }>({ name: 'other', version: 1, key: 'id', storage: 'disc' })]);
await store.close();
process.exit(0);
