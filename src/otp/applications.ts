/**
 * The applications of a process table. Each is started after those that it needs, and all are stopped in reverse. Starts and
 * restarts go one after the other; `stop` does not wait for them, it cuts them short.
 */
import { defineOtpApplication, type OtpApplication } from './application.ts';
import { startOrder } from './application-order.ts';
import { ExitError, exitOf, exitTuple, isNormalExit, printAtom } from './exit-error.ts';
import { type ProcessTable, processes } from './process-table.ts';
import { type ApplicationInfo, RunningApplication } from './running-application.ts';
import type { SupervisorStartOptions } from './supervisor.ts';
import { WorkQueue } from './work-queue.ts';

export interface ApplicationsOptions {
  /** Default: `processes`. */
  readonly table?: ProcessTable;
  /** An application ended whose end ends all; the others have stopped. */
  readonly onPermanentExit?: (name: string, reason: string, error: ExitError) => void;
  /** An application ended and the others go on. */
  readonly onExit?: (name: string, reason: string, error: ExitError) => void;
}

export interface ApplicationsStartOptions extends SupervisorStartOptions {
  /** Applications that did not run in the table that is taken over from, with why: they are left so. */
  readonly stopped?: ReadonlyMap<string, { state: 'stopped' | 'failed'; error?: ExitError | undefined }>;
}

export class Applications {
  readonly #options: ApplicationsOptions;
  readonly #table: ProcessTable;
  /** In start order. */
  readonly #applications: readonly RunningApplication[];
  readonly #work = new WorkQueue(() => undefined);
  #stopping: Promise<void> | undefined;
  /** Times that all were stopped: a start that began before the last one goes no further. */
  #stops = 0;

  /** @throws ExitError `{bad_application, Name}`, `{already_loaded, Name}`, `{missing_application, Name}`, `{circular_dependency, […]}` */
  constructor(specs: readonly OtpApplication[], options: ApplicationsOptions = {}) {
    this.#options = options;
    this.#table = options.table ?? processes;
    const gaveUp = (application: RunningApplication, error: ExitError): void =>
      void this.#afterEnd(application, error);
    this.#applications = startOrder(specs.map(defineOtpApplication)).map(
      (spec) => new RunningApplication(spec, this.#table, gaveUp),
    );
  }

  /** In start order. */
  which(): ApplicationInfo[] {
    return this.#applications.map((application) => application.info());
  }

  /**
   * Starts all that do not run. When a permanent one fails, all are stopped, and this rejects with `{could_not_start, Name, Reason}`;
   * one of another type is left failed, and so are those that need it.
   */
  start({ stopped, ...options }: ApplicationsStartOptions = {}): Promise<void> {
    return this.#enqueue(async () => {
      const stops = this.#stops;
      for (const application of this.#applications) {
        if (this.#stops !== stops) throw beingStopped();
        const left = stopped?.get(application.name);
        if (application.state === 'started') continue;
        if (left) application.leave(left.state, left.error);
        else await this.#startInTurn(application, options, stopped);
      }
    });
  }

  /** Stops all in reverse order of start. Rejects with the first error of a `stop` hook, when all are stopped. */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    this.#stops += 1;
    const stopping = this.#stopAll().finally(() => {
      this.#stopping = undefined;
    });
    this.#stopping = stopping;
    return stopping;
  }

  /** Starts one. Rejects with `{not_started, Needed}`, `{already_started, Name}`, `{unknown_application, Name}`, or as its start fails. */
  startOne(name: string): Promise<void> {
    return this.#enqueue(() => this.#startFresh(this.#require(name)));
  }

  /** Stops one; those that need it run on, as in OTP. Rejects with `{not_started, Name}`, `{unknown_application, Name}`. */
  stopOne(name: string): Promise<void> {
    return this.#enqueue(async () => {
      const application = this.#require(name);
      if (application.state !== 'started') throw exitTuple('not_started', name, 'it does not run.');
      await application.stop();
    });
  }

  /** Stops one if it runs, and starts it, from `init`. Others run on. Rejects as `startOne`. */
  restart(name: string): Promise<void> {
    return this.#enqueue(async () => {
      const application = this.#require(name);
      const stops = this.#stops;
      this.#assertRunning(name);
      await application.stop();
      if (this.#stops !== stops) throw beingStopped();
      await this.#startFresh(application);
    });
  }

  async #startInTurn(
    application: RunningApplication,
    options: SupervisorStartOptions,
    stopped: ApplicationsStartOptions['stopped'],
  ): Promise<void> {
    const stops = this.#stops;
    try {
      this.#assertNeeded(application, (name) => stopped?.has(name) === true);
      await application.start(options);
    } catch (thrown) {
      if (this.#stops !== stops) throw beingStopped();
      const error = exitOf(thrown);
      application.leave('failed', error);
      if (application.type !== 'permanent') return;
      await failureOf(() => this.stop());
      throw couldNotStart(application.name, error);
    }
  }

  async #startFresh(application: RunningApplication): Promise<void> {
    const { name, state } = application;
    this.#assertRunning(name);
    if (state === 'started') throw exitTuple('already_started', name, 'it runs.');
    this.#assertNeeded(application);
    await application.start({});
  }

  async #stopAll(): Promise<void> {
    let failure: { error: unknown } | undefined;
    for (const application of [...this.#applications].reverse()) {
      await application.stop().catch((error: unknown) => {
        failure ??= { error };
      });
    }
    if (failure) throw failure.error;
  }

  async #afterEnd({ name, type, spec }: RunningApplication, error: ExitError): Promise<void> {
    const isFatal = type === 'permanent' || (type === 'transient' && !isNormalExit(error.reason));
    const { onExit, onPermanentExit } = this.#options;
    const failures = [await failureOf(spec.stop), isFatal ? await failureOf(() => this.stop()) : undefined];
    const cause = failures.find((failure) => failure !== undefined);
    const full = cause === undefined ? error : new ExitError(error.reason, error.message, { cause });
    (isFatal ? onPermanentExit : onExit)?.(name, full.reason, full);
  }

  /** @throws ExitError `{not_started, Needed}` */
  #assertNeeded(
    { name, spec }: RunningApplication,
    isExcused: (name: string) => boolean = () => false,
  ): void {
    const isMissing = (needed: string): boolean =>
      this.#require(needed).state !== 'started' && !isExcused(needed);
    const missing = spec.applications?.find(isMissing);
    if (missing !== undefined)
      throw exitTuple('not_started', missing, `application ${name} needs it; start it first.`);
  }

  /** While the table is suspended what starts would miss the hand-over. @throws ExitError `{suspended, Name}` */
  #assertRunning(name: string): void {
    if (this.#table.stage !== 'running')
      throw exitTuple('suspended', name, 'the processes are suspended; try again when they are resumed.');
  }

  #require(name: string): RunningApplication {
    const application = this.#applications.find((one) => one.name === name);
    if (application) return application;
    throw exitTuple('unknown_application', name, 'there is no application of this name; see which().');
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    return this.#work.add(async () => {
      if (this.#stopping) throw beingStopped();
      await work();
    });
  }
}

const beingStopped = (): ExitError => new ExitError('shutdown', 'shutdown: the applications were stopped.');

function couldNotStart(name: string, cause: ExitError): ExitError {
  const reason = `{could_not_start, ${printAtom(name)}, ${cause.reason}}`;
  return new ExitError(reason, `${reason}: ${cause.message}`, { cause });
}

const failureOf = async (action: (() => void | Promise<void>) | undefined): Promise<unknown> => {
  try {
    await action?.();
    return undefined;
  } catch (error) {
    return error;
  }
};
