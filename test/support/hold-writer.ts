/** Takes the writer lock of the tables, says so, and stands still inside the transaction. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/tables/index.ts';

const store = await openStore({ dir: process.argv[2] ?? '' });
store.transactionSync(() => {
  writeSync(1, 'held\n');
  process.kill(process.pid, 'SIGSTOP');
});
