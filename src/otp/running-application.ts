/**
 * One application of a table.
 *
 *     loaded ── start ──► starting ──► started ── stop ──► stopping ──► stopped ── start ──► starting
 *                            └── error ──► failed ◄── gave up ──┘          failed ── start ──► starting
 */
import type { ApplicationType, OtpApplication } from './application.ts';
import { ExitError, exitOf } from './exit-error.ts';
import type { ProcessTable } from './process-table.ts';
import { Supervisor, type SupervisorStartOptions } from './supervisor.ts';

/**
 * loaded: never started. starting, stopping: under way. started: its top supervisor runs. stopped: by whoever asked for it.
 * failed: it could not start, or its top supervisor gave up.
 */
export type ApplicationState = 'loaded' | 'starting' | 'started' | 'stopping' | 'stopped' | 'failed';

/** As OTP's `which_applications`, with those that do not run. */
export interface ApplicationInfo {
  readonly name: string;
  readonly vsn: string;
  readonly state: ApplicationState;
  readonly type: ApplicationType;
  /** Why it is failed. */
  readonly reason: string | undefined;
  /** The same as a sentence. */
  readonly message: string | undefined;
  /** In ms since the epoch; of one that is started. */
  readonly startedAt: number | undefined;
}

export class RunningApplication {
  readonly spec: OtpApplication;
  readonly type: ApplicationType;
  readonly #table: ProcessTable;
  readonly #gaveUp: (application: RunningApplication, error: ExitError) => void;
  #state: ApplicationState = 'loaded';
  #error: ExitError | undefined;
  #startedAt: number | undefined;
  #supervisor: Supervisor | undefined;
  #stopped: Promise<void> = Promise.resolve();

  /** @param gaveUp its top supervisor has ended by itself */
  constructor(
    spec: OtpApplication,
    table: ProcessTable,
    gaveUp: (application: RunningApplication, error: ExitError) => void,
  ) {
    this.spec = spec;
    this.type = spec.type ?? 'permanent';
    this.#table = table;
    this.#gaveUp = gaveUp;
  }

  get name(): string {
    return this.spec.name;
  }

  get state(): ApplicationState {
    return this.#state;
  }

  info(): ApplicationInfo {
    return {
      name: this.name,
      vsn: this.spec.vsn,
      state: this.#state,
      type: this.type,
      reason: this.#error?.reason,
      message: this.#error?.message,
      startedAt: this.#startedAt,
    };
  }

  /** It was not running elsewhere, and is left so. */
  leave(state: 'stopped' | 'failed', error: ExitError | undefined): void {
    this.#enter(state, error);
  }

  /** Rejects with the reason when the hook or the tree fails, or when it is stopped meanwhile. */
  async start(options: SupervisorStartOptions): Promise<void> {
    this.#enter('starting');
    try {
      await this.spec.start?.({ suspended: options.suspended === true });
      this.#assertStarting();
      await this.#startTree(options);
      this.#enter('started');
    } catch (error) {
      if (this.#state === 'starting') this.#enter('failed', exitOf(error));
      throw error;
    }
  }

  /** Ends its tree, then runs its `stop` hook. Rejects with what that throws; the application is stopped all the same. */
  stop(): Promise<void> {
    if (this.#state === 'started' || this.#state === 'starting') this.#stopped = this.#stop();
    return this.#state === 'stopping' ? this.#stopped : Promise.resolve();
  }

  async #stop(): Promise<void> {
    this.#enter('stopping');
    await this.#supervisor?.stop();
    try {
      await this.spec.stop?.();
    } finally {
      this.#enter('stopped');
    }
  }

  async #startTree(options: SupervisorStartOptions): Promise<void> {
    let exit: ExitError | undefined;
    const onExit = (error: ExitError): void => {
      exit = error;
      this.#ended(error);
    };
    const supervisor = new Supervisor(this.spec.supervisor, { table: this.#table, onExit });
    this.#supervisor = supervisor;
    await supervisor.start(options);
    if (exit) throw exit;
    this.#assertStarting();
  }

  #assertStarting(): void {
    if (this.#state !== 'starting')
      throw new ExitError('shutdown', `application ${this.name} was stopped while it started.`);
  }

  #ended(error: ExitError): void {
    if (this.#state !== 'started') return;
    this.#enter('failed', error);
    this.#gaveUp(this, error);
  }

  #enter(state: ApplicationState, error?: ExitError): void {
    this.#state = state;
    this.#error = error;
    this.#startedAt = state === 'started' ? Date.now() : undefined;
    if (state !== 'started' && state !== 'starting' && state !== 'stopping') this.#supervisor = undefined;
  }
}
