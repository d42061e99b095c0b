/** Asks the runners of a node what they know of their processes. One that stands still costs a second and no more. */
import type { Fleet, RunnerProcess } from '../../host/index.ts';
import type { RunnerCallName, RunnerCalls } from '../../wire/index.ts';

export const ANSWER_MS = 1_000;

export interface RunnerAnswer<Name extends RunnerCallName> {
  runner: RunnerProcess;
  /** undefined: it gave none in time. */
  answer: RunnerCalls[Name][1] | undefined;
}

/** Those whose code is loaded and that are not parked: a parked one stands still, and its processes live elsewhere. */
export const askable = (fleet: Fleet): RunnerProcess[] =>
  [...fleet.runners].filter(
    ({ state, isWorker }) => !isWorker && state !== 'starting' && state !== 'parked' && state !== 'ended',
  );

export async function askRunners<Name extends RunnerCallName>(
  fleet: Fleet,
  name: Name,
  params: RunnerCalls[Name][0],
  deadlineMs = ANSWER_MS,
): Promise<RunnerAnswer<Name>[]> {
  return Promise.all(
    askable(fleet).map(async (runner) => ({
      runner,
      answer: await runner.call(name, params, deadlineMs).catch(() => undefined),
    })),
  );
}
