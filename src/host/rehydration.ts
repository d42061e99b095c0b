/**
 * Sessions that listen need their instance in the runner that serves now. To build one takes a runner a millisecond or two, in which it
 * answers nobody: so there are a few at a time, and for as long as these took requests have the runner to themselves.
 */
import { setTimeout as rest } from 'node:timers/promises';
import type { LiveSession } from './live-session.ts';
import type { RunnerProcess } from './runner-process.ts';
import type { SessionChannels } from './session-channels.ts';

const AT_ONCE = 4;
/** For one whose factory hangs the others do not wait longer. */
const WAIT_MS = 1_000;
const LONGEST_REST_MS = 100;

/** @param isWanted asked before each batch: another runner may serve by now */
export async function rehydrate(
  runner: RunnerProcess,
  sessions: readonly LiveSession[],
  channels: SessionChannels,
  isWanted: () => boolean,
): Promise<void> {
  const left = sessions.values();
  for (let batch = next(left, runner); batch.length > 0 && isWanted(); batch = next(left, runner)) {
    const began = performance.now();
    for (const session of batch) channels.of(runner, session);
    await runner.call('hydrated', {}, WAIT_MS).catch(() => undefined);
    await rest(Math.min(LONGEST_REST_MS, performance.now() - began));
  }
}

/** Those that have neither ended nor been given an instance meanwhile, by a request of theirs. */
function next(left: Iterator<LiveSession>, runner: RunnerProcess): LiveSession[] {
  const batch: LiveSession[] = [];
  while (batch.length < AT_ONCE) {
    const { value: session } = left.next();
    if (session === undefined) return batch;
    if (!session.ended && !session.channels.has(runner)) batch.push(session);
  }
  return batch;
}
