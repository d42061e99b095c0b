import { reasonOf, TableError } from './table-error.ts';
import { within } from './within.ts';

/**
 * A commit that failed, as lmdb tells it. For each turn in which something is written lmdb makes one more promise than it hands out: when
 * the commit fails that one is rejected too, and nobody could have handled it. Whoever waits for a write is told by their own.
 */
export const isCommitFailure = (error: unknown): boolean => error instanceof Error && 'commitError' in error;

/** Throws what kept a write from being committed, with the system's own reason where lmdb gives it. */
export async function explainCommit(error: unknown): Promise<never> {
  if (!isCommitFailure(error)) throw error;
  const cause = await within(
    1_000,
    Promise.resolve((error as { commitError: unknown }).commitError).catch((reason: unknown) => reason),
  );
  throw new TableError('commit_failed', 'the write was not committed; is the disk full?', {
    cause: cause ?? reasonOf(error),
  });
}
