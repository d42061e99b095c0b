/**
 * The resume of a runner's servers after the flip. It is waited for until its deadline, or until an operator says that it
 * has to come to an end: then what is still suspended is resumed again, and a server that hangs in its `resumed` hook is
 * started anew, as after a crash. The verification judges what came of it.
 */
import type { RunnerProcess } from '../host/index.ts';
import type { ResumedProcesses } from '../wire/index.ts';
import { NONE_RESUMED } from './resume-by-operator.ts';

/** How long a `resumed` hook may still take when it is forced. */
const GRACE_MS = 1_000;
const FORCED_MS = 3_000;

export class Resumption {
  readonly #wanted = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<ResumedProcesses>();
  /** From then on the states are where the servers run; before it the snapshot is what they are. */
  begun = false;
  #forced = false;
  #isOver = false;

  constructor() {
    // Nobody has to wait for it.
    this.#over.promise.catch(() => undefined);
  }

  /** Resolves when the servers run. Rejects as the call does, or when force does not help either. */
  async of(runner: RunnerProcess, deadlineMs: number): Promise<void> {
    this.begun = true;
    const byForce = this.#wanted.promise.then(() => this.#byForce(runner));
    byForce.catch(() => undefined);
    const resumed = runner.call('resume', {}, deadlineMs).catch((error: unknown) => {
      // One that is started anew fails the resume that waits for it.
      if (this.#forced) return byForce;
      throw error;
    });
    try {
      this.#end(await Promise.race([resumed, byForce]));
    } catch (error) {
      this.#isOver = true;
      this.#over.reject(error);
      throw error;
    }
  }

  /** Ends the wait. Resolves with what was done, at once when the servers run already. */
  force(): Promise<ResumedProcesses> {
    this.#forced = true;
    this.#wanted.resolve();
    return this.#over.promise;
  }

  #byForce(runner: RunnerProcess): Promise<ResumedProcesses> {
    if (this.#isOver) return Promise.resolve(NONE_RESUMED);
    return runner.call('resumeAll', { graceMs: GRACE_MS, restartHung: true }, FORCED_MS);
  }

  #end(report: ResumedProcesses): void {
    this.#isOver = true;
    this.#over.resolve(report);
  }
}
