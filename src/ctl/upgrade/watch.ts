/** Waits until the node's watch over the new version has ended. A node that is started again goes on with its watch, so losses are borne. */
import { setTimeout as delay } from 'node:timers/promises';
import type { StatusResult, Watch } from '../../control/types.ts';
import { OperatorError } from '../../errors/index.ts';
import { ask } from '../command.ts';
import { watchSentence } from '../output/upgrade-text.ts';

const POLL_MS = 1000;
const LOSS_MS = 60_000;

/** @param onNotice told at the start, and each time that the verdict changes. */
export async function waitForWatch(
  home: string,
  signal: AbortSignal,
  onNotice: (text: string) => void,
): Promise<Watch> {
  let verdict: Watch['verdict'] | undefined;
  for (;;) {
    const { watch } = await patientStatus(home, signal);
    if (!watch.active) return watch;
    if (watch.verdict !== verdict) onNotice(`watch: ${watchSentence(watch)}`);
    verdict = watch.verdict;
    await delay(POLL_MS, undefined, { signal });
  }
}

async function patientStatus(home: string, signal: AbortSignal): Promise<StatusResult> {
  const giveUp = performance.now() + LOSS_MS;
  for (;;) {
    try {
      return await ask(home, 'status', {});
    } catch (error) {
      if (!(error instanceof OperatorError) || performance.now() > giveUp) throw error;
      await delay(POLL_MS, undefined, { signal });
    }
  }
}
