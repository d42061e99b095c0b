/** The rules of state of the design, each with the tests that fail without it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const TESTS = join(import.meta.dirname, '..');

/** Rule, file, title. */
const RULES: readonly (readonly [number, string, string])[] = [
  [1, 'tables/transaction.test.ts', 'rule 1: can run synchronously, also while others are queued'],
  [1, 'tables/processes.test.ts', 'rule 1: stops no reads, is told by the probe'],
  [1, 'node/runner.test.ts', 'in the middle of a write does not stop the host'],
  [1, 'tables/held-lock.test.ts', 'rule 1: is killed for the lock that it holds'],
  [2, 'tables/processes.test.ts', 'rule 2: a read after another process has written is stale'],
  [2, 'tables/two-versions.test.ts', 'version %i here and version %i there agree with the model'],
  [3, 'tables/transaction.test.ts', 'rule 3: that throws leaves nothing'],
  [3, 'tables/transaction.test.ts', 'rule 3: whose callback returns a promise is refused'],
  [3, 'tables/transaction.test.ts', 'refuses writes that would not be part of it'],
  [4, 'tables/table.test.ts', 'rule 4: keeps no snapshot while a loop over a range waits'],
  [4, 'tables/verify-lens.test.ts', 'rule 4: goes in chunks'],
  [4, 'tables/chunks.test.ts', 'go the rows that were written during a scan'],
  [4, 'tables/chunks.test.ts', 'an index is built, and others write in between'],
  [4, 'tables/chunks.test.ts', 'rows are settled'],
  [4, 'tables/chunks.test.ts', 'of which each ends with its snapshot'],
  [4, 'tables/chunks.test.ts', 'a loop over an index goes, which keeps no snapshot while it waits'],
  [4, 'tables/processes.test.ts', 'rule 4: leaves a reader slot, which readerCheck frees'],
  [4, 'host/snapshot-guard.test.ts', 'names who holds one snapshot for longer than the limit'],
  [5, 'tables/lenses.test.ts', 'rule 5: may not change the key'],
  [6, 'tables/lenses.test.ts', 'rule 6: takes the steps of a newer release'],
  [6, 'tables/lenses.test.ts', 'rule 6: of a version that no lens leads to'],
  [6, 'release/combinator-hash.test.ts', 'another step, argument, order, function, helper or own put'],
  [7, 'tables/lenses.test.ts', 'rule 7: keeps its version and all that the older version does not know'],
  [7, 'tables/lenses.test.ts', 'rule 7: is written over as it stands when that is done'],
  [7, 'tables/lenses.test.ts', 'rule 7: whose put loses what was written'],
  [7, 'tables/lenses.test.ts', 'rule 7: is deleted whole, and new when it is made again'],
  [8, 'tables/upgrade.test.ts', 'rule 8: counts and names the rows that the older version could not have'],
  [8, 'tables/upgrade.test.ts', 'counts rows that violate the older schema'],
  [8, 'tables/upgrade.test.ts', 'is open again once the row is rewritten or deleted'],
  [8, 'tables/upgrade.test.ts', 'rule 8: lets the older version get all other rows'],
  [9, 'tables/index.test.ts', 'rule 9: of a newer version is built while the older one writes'],
  [9, 'tables/index.test.ts', 'rule 9: is dropped with its entries'],
  [10, 'tables/upgrade.test.ts', 'rule 10: with the guard leave no row unchecked'],
  [10, 'tables/upgrade.test.ts', 'are visible to other processes by the time they are taken'],
  [10, 'tables/upgrade.test.ts', 'records what the newer version could not have'],
  [10, 'tables/upgrade.test.ts', 'rule 10: that is strict makes such a write fail by name'],
  [11, 'tables/flush.test.ts', 'rule 11: no write of a disc table is acknowledged before its flush'],
  [11, 'tables/processes.test.ts', 'rule 11: are shared by processes, live on while the node does'],
  [12, 'otp/persistence.test.ts', 'a new state is saved before its reply'],
  [12, 'otp/persistence.test.ts', 'the state outlives a crash, and is converted for another version'],
  [12, 'otp/persisted-rows.test.ts', 'rule 12: no reply comes before the row is committed'],
];

it('each rule of state has its tests', () => {
  expect([...new Set(RULES.map(([rule]) => rule))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const missing = RULES.filter(([, file, title]) => !readFileSync(join(TESTS, file), 'utf8').includes(title));
  expect(missing).toEqual([]);
});
