/** How far the check of the rows is, and how long it may still take: told to who follows each second, and to the log each ten. */
import { progressSentence } from '../../control/index.ts';
import type { TableProgress } from '../../wire/index.ts';
import type { Run, UpgradeDeps } from '../types.ts';

const TELL_MS = 1_000;
const LOG_MS = 10_000;

export function checkProgress(
  run: Run,
  { tell, log }: Pick<UpgradeDeps, 'log'> & { tell: (message: string) => void },
): (progress: TableProgress) => void {
  let begun: { table: string; at: number; rows: number } | undefined;
  let toldAt = performance.now();
  let loggedAt = toldAt;
  return (progress) => {
    const now = performance.now();
    if (begun?.table !== progress.table) begun = { table: progress.table, at: now, rows: progress.rows };
    const sentence = sentenceOf(progress, (progress.rows - begun.rows) / (now - begun.at));
    run.progress = sentence;
    if (now - toldAt >= TELL_MS) {
      toldAt = now;
      tell(sentence);
    }
    if (now - loggedAt >= LOG_MS) {
      loggedAt = now;
      log.info(`Rows are checked: ${sentence}`);
    }
  };
}

/** `notes: 41,000 of 120,000 rows, about 3 s left`; without the estimate until there is a rate. */
function sentenceOf(progress: TableProgress, perMs: number): string {
  const counts = progressSentence(progress);
  if (!(perMs > 0) || !Number.isFinite(perMs)) return counts;
  return `${counts}, about ${Math.ceil(Math.max(progress.total - progress.rows, 0) / perMs / 1_000)} s left`;
}
