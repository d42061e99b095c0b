import { reasonOf, TableError } from './table-error.ts';
import { within } from './within.ts';

/** Throws what kept a write from being committed, with the system's own reason where lmdb gives it. */
export async function explainCommit(error: unknown): Promise<never> {
  if (!(error instanceof Error) || !('commitError' in error)) throw error;
  const cause = await within(
    1_000,
    Promise.resolve(error.commitError).catch((reason: unknown) => reason),
  );
  throw new TableError('commit_failed', 'the write was not committed; is the disk full?', {
    cause: cause ?? reasonOf(error),
  });
}
