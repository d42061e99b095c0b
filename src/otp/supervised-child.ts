/**
 * One child of a running supervisor. At most one process of it exists at a time; an end that the supervisor did not ask for is
 * told to it once, and is void when the supervisor starts or terminates the child before it comes to it.
 */
import { type ChildSpec, nameOfChild, type Restart, restartOf } from './child-spec.ts';
import { ExitError, exitOf, isNormalExit } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import type { ProcessStatus } from './process-host.ts';
import type { SupervisorProcess } from './process-info.ts';
import { withinLimit } from './within-limit.ts';

/** A supervisor's children have limits of their own. */
const DEFAULT_SHUTDOWN_MS = { server: 5000, supervisor: Number.POSITIVE_INFINITY } as const;

/** A process that a supervisor has started, server or supervisor. */
export interface Handle {
  readonly pid: Pid;
  readonly status: ProcessStatus;
  shutdown(reason: string, limit: number | 'brutal_kill'): Promise<void>;
}

export type Adopted = ReadonlyMap<string, ServerSnapshot>;

export interface StartOfChild {
  readonly suspended?: boolean;
  /** What a server takes over; by default what `adopted` has under its name. */
  readonly snapshot?: ServerSnapshot | undefined;
  /** Snapshots by registered name, or by pid of those that have none. */
  readonly adopted?: Adopted | undefined;
}

export interface Spawned {
  readonly handle: Handle;
  readonly started: Promise<void>;
}

/** What a child needs of its supervisor. */
export interface ChildHost {
  /** Those whose process starts or ends because the supervisor wants it to. */
  readonly changing: Set<SupervisedChild>;
  /** @throws ExitError `{already_started, Name}` */
  spawn(spec: ChildSpec, start: StartOfChild, onExit: (error: ExitError) => void): Spawned;
  exited(child: SupervisedChild, error: ExitError): void;
}

/** running: it has a process. restarting: it is to get one. ended: it has none, and gets none unless it is asked for. */
export type ChildState = 'running' | 'restarting' | 'ended';

export class SupervisedChild {
  readonly spec: ChildSpec;
  /** Registered name. */
  readonly name: string | undefined;
  /** It is to be started again. */
  restarting = false;
  /** How it ended, until the supervisor has dealt with it. */
  exit: ExitError | undefined;
  readonly #host: ChildHost;
  #handle: Handle | undefined;
  #starting = false;
  #terminating = false;

  /** @param anonymous it has no registered name */
  constructor(spec: ChildSpec, host: ChildHost, anonymous = false) {
    this.spec = spec;
    this.name = anonymous ? undefined : nameOfChild(spec);
    this.#host = host;
  }

  get handle(): Handle | undefined {
    return this.#handle;
  }

  get pid(): Pid | undefined {
    return this.#handle?.pid;
  }

  get restart(): Restart {
    return restartOf(this.spec);
  }

  get state(): ChildState {
    if (this.#handle !== undefined) return 'running';
    return this.restarting ? 'restarting' : 'ended';
  }

  /** Its server lives in another table. */
  get isMoved(): boolean {
    return this.#handle?.status === 'moved';
  }

  /** The process below, if it is a supervisor that runs. */
  get supervisor(): (Handle & SupervisorProcess) | undefined {
    const handle = this.#handle;
    return this.spec.start.kind === 'supervisor' ? (handle as Handle & SupervisorProcess) : undefined;
  }

  isRestartedAfter(reason: string): boolean {
    return this.restart === 'permanent' || (this.restart === 'transient' && !isNormalExit(reason));
  }

  /** Resolves with its pid when the process runs, or is held. Rejects with the reason; no process is left then. */
  async start(start: StartOfChild = {}): Promise<Pid> {
    this.exit = undefined;
    this.restarting = false;
    this.#starting = true;
    this.#host.changing.add(this);
    try {
      return await this.#spawn(start);
    } catch (error) {
      this.#handle = undefined;
      throw error;
    } finally {
      this.#starting = false;
      this.#settle();
    }
  }

  async #spawn(start: StartOfChild): Promise<Pid> {
    const onExit = (error: ExitError): void => this.#exited(handle, error);
    const { handle, started } = this.#host.spawn(this.spec, start, onExit);
    this.#handle = handle;
    await withinLimit(started, this.spec.timeout, async () => {
      await handle.shutdown('killed', 'brutal_kill');
      await started.catch(exitOf);
      throw new ExitError(
        'timeout',
        `timeout: ${this.spec.id} did not start within ${this.spec.timeout} ms.`,
      );
    });
    return handle.pid;
  }

  /** Ends its process within `shutdown`. Nothing of it runs any more when this resolves. */
  async terminate(): Promise<void> {
    this.exit = undefined;
    this.restarting = false;
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#terminating = true;
    this.#host.changing.add(this);
    await handle.shutdown('shutdown', this.spec.shutdown ?? DEFAULT_SHUTDOWN_MS[this.spec.start.kind]);
    this.#terminating = false;
    this.#settle();
    if (this.#handle === handle) this.#handle = undefined;
  }

  kill(): void {
    void this.#handle?.shutdown('killed', 'brutal_kill');
  }

  #settle(): void {
    if (!this.#starting && !this.#terminating) this.#host.changing.delete(this);
  }

  #exited(handle: Handle, error: ExitError): void {
    if (this.#handle !== handle || this.#terminating) return;
    this.#handle = undefined;
    this.exit = error;
    this.#host.exited(this, error);
  }
}
