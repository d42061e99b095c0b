/**
 * Keeps its children running, one_for_one. Restarts go one after the other; from the moment a child ends until it is restarted the
 * supervisor counts as busy, so that a suspension can not slip in between. Children start in order and stop in reverse order.
 */
import { type ChildSpec, nameOfChild, type Restart, type SupervisorSpec, supervisor } from './child-spec.ts';
import { ExitError, exitOf, isNormalExit, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import type { ProcessStatus } from './process-host.ts';
import type { ProcessInfo, ProcessKind, SupervisorProcess } from './process-info.ts';
import { type ProcessTable, processes } from './process-table.ts';
import { RestartIntensity } from './restart-intensity.ts';

/** A supervisor's children have limits of their own. */
const DEFAULT_SHUTDOWN_MS = { server: 5000, supervisor: Number.POSITIVE_INFINITY } as const;

export interface SupervisorOptions {
  /** Default: `processes`. */
  readonly table?: ProcessTable;
  /** The supervisor ended by itself: its children failed too often. Nothing of it runs any more. */
  readonly onExit?: (error: ExitError) => void;
  /** Name of the supervisor above. */
  readonly parent?: string;
}

export interface SupervisorStartOptions {
  /** Snapshots by registered name, already converted by lenses: such servers take over instead of `init`. */
  readonly adopted?: ReadonlyMap<string, ServerSnapshot> | undefined;
  /** All servers stay suspended until `table.resume()`. */
  readonly suspended?: boolean;
}

/** As OTP's `which_children`. */
export interface ChildInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: ProcessKind;
  readonly restart: Restart;
  /** undefined: it does not run. */
  readonly pid: Pid | undefined;
  readonly status: ProcessStatus | 'restarting' | 'ended';
}

/** As OTP's `count_children`. */
export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

type Adopted = ReadonlyMap<string, ServerSnapshot>;

/** A running child, server or supervisor. */
interface Handle {
  readonly pid: Pid;
  readonly status: ProcessStatus;
  shutdown(reason: string, limit: number | 'brutal_kill'): Promise<void>;
}

interface Child {
  readonly spec: ChildSpec;
  handle: Handle | undefined;
  restarting: boolean;
}

/** A running supervisor: `await new Supervisor({ name, children }, { onExit }).start()`. */
export class Supervisor implements SupervisorProcess {
  readonly name: string;
  readonly pid: Pid;
  readonly #table: ProcessTable;
  readonly #options: SupervisorOptions;
  readonly #intensity: RestartIntensity;
  readonly #startedAt = Date.now();
  readonly #children: Child[];
  #childExits = 0;
  /** Starts and restarts, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #pendingWork = 0;
  /** Set once the supervisor ends, or has ended. */
  #ending: Promise<void> | undefined;

  constructor(spec: Omit<SupervisorSpec, 'kind'>, options: SupervisorOptions = {}) {
    const { name, children, intensity, periodMs } = supervisor(spec);
    this.name = name;
    this.#table = options.table ?? processes;
    this.#options = options;
    this.#intensity = new RestartIntensity(intensity, periodMs);
    this.#children = children.map((child) => ({ spec: child, handle: undefined, restarting: false }));
    this.pid = this.#table.allocatePid();
  }

  /** A start, a restart or the end of a child is under way. */
  get busy(): boolean {
    return this.#pendingWork > 0;
  }

  get status(): ProcessStatus {
    if (this.busy) return 'running';
    return this.#table.stage === 'suspended' ? 'suspended' : 'waiting';
  }

  /** Starts the children in order. When one fails, those before it are stopped, and the start rejects and names it. */
  async start(options: SupervisorStartOptions = {}): Promise<void> {
    if (options.suspended) this.#table.startSuspended();
    this.#table.addSupervisor(this);
    await this.#enqueue(() => this.#startAll(options));
  }

  /** Stops the children in reverse order, each within its `shutdown`. */
  stop(reason = 'shutdown'): Promise<void> {
    return this.#endWith(new ExitError(reason));
  }

  /** As `stop`, within `limit` ms; for a supervisor above. */
  async shutdown(reason: string, limit: number | 'brutal_kill'): Promise<void> {
    const ended = this.stop(reason);
    if (limit === 'brutal_kill') this.#killAll();
    const finite = typeof limit === 'number' && Number.isFinite(limit);
    const timer = finite ? setTimeout(() => this.#killAll(), limit) : undefined;
    await ended;
    clearTimeout(timer);
  }

  info(): ProcessInfo {
    return {
      pid: this.pid,
      name: this.name,
      kind: 'supervisor',
      status: this.status,
      mailboxLength: this.#pendingWork,
      handled: this.#childExits,
      current: this.#children.find(({ restarting }) => restarting)?.spec.id,
      startedAt: this.#startedAt,
      version: undefined,
      supervisor: this.#options.parent,
    };
  }

  whichChildren(): ChildInfo[] {
    return this.#children.map(({ spec, handle, restarting }) => ({
      id: spec.id,
      name: nameOfChild(spec),
      kind: spec.start.kind,
      restart: spec.restart ?? 'permanent',
      pid: handle?.pid,
      status: restarting ? 'restarting' : (handle?.status ?? 'ended'),
    }));
  }

  countChildren(): ChildCounts {
    const supervisors = this.#children.filter(({ spec }) => spec.start.kind === 'supervisor').length;
    const active = this.#children.filter(({ handle }) => handle !== undefined).length;
    return {
      specs: this.#children.length,
      active,
      supervisors,
      workers: this.#children.length - supervisors,
    };
  }

  async #startAll({ adopted, suspended }: SupervisorStartOptions): Promise<void> {
    for (const child of [...this.#children]) {
      if (this.#ending) throw new ExitError('shutdown', `${this.name} was stopped while it started.`);
      this.#offerToTakeBack(child);
      await this.#startChild(child, adopted, suspended).catch((error: unknown) =>
        this.#failStart(child, exitOf(error)),
      );
    }
  }

  async #failStart({ spec }: Child, cause: ExitError): Promise<never> {
    const failed = `{failed_to_start_child, ${printAtom(spec.id)}, ${cause.reason}}`;
    const error = new ExitError(`{shutdown, ${failed}}`, `${failed}: ${cause.message}`, { cause });
    await this.#endWith(error);
    throw error;
  }

  async #startChild(child: Child, adopted?: Adopted, suspended = false): Promise<void> {
    try {
      await this.#startHandle(child, adopted, suspended);
      child.restarting = false;
    } catch (error) {
      child.handle = undefined;
      throw error;
    }
  }

  #startHandle(child: Child, adopted: Adopted | undefined, suspended: boolean): Promise<void> {
    const { start, args } = child.spec;
    const name = nameOfChild(child.spec);
    const table = this.#table;
    const onExit = (error: ExitError): void => this.#childExited(child, error);
    if (start.kind === 'supervisor') {
      const below = new Supervisor({ ...start, name }, { table, onExit, parent: this.name });
      child.handle = below;
      return below.start({ suspended, adopted });
    }
    const place = { name, suspended, supervisor: this.name, onExit };
    const { process, started } = table.spawn(start, { ...place, args, adopted: adopted?.get(name) });
    child.handle = process;
    return started;
  }

  #childExited(child: Child, { reason }: ExitError): void {
    if (this.#ending) return;
    child.handle = undefined;
    this.#childExits += 1;
    const restart = child.spec.restart ?? 'permanent';
    if (restart === 'permanent' || (restart === 'transient' && !isNormalExit(reason))) {
      child.restarting = true;
      void this.#enqueue(() => this.#restart(child));
    } else if (restart === 'temporary') this.#children.splice(this.#children.indexOf(child), 1);
  }

  /** A restart that fails counts as another one, so that it is tried again until there were too many. */
  async #restart(child: Child): Promise<void> {
    while (!this.#ending) {
      if (!this.#intensity.allow(performance.now())) return this.#giveUp(child);
      const restarted = await this.#startChild(child).then(
        () => true,
        () => false,
      );
      if (restarted) return;
    }
  }

  async #giveUp({ spec }: Child): Promise<void> {
    const reason = '{shutdown, reached_max_restart_intensity}';
    const error = new ExitError(
      reason,
      `${reason}: ${spec.id} of ${this.name} failed too often; see its last errors.`,
    );
    await this.#endWith(error);
    this.#options.onExit?.(error);
  }

  #endWith(error: ExitError): Promise<void> {
    this.#ending ??= this.#terminate(error);
    return this.#ending;
  }

  async #terminate(error: ExitError): Promise<void> {
    this.#pendingWork += 1;
    for (const { spec, handle } of [...this.#children].reverse()) {
      this.#table.setAdopter(nameOfChild(spec), undefined);
      await handle?.shutdown('shutdown', spec.shutdown ?? DEFAULT_SHUTDOWN_MS[spec.start.kind]);
    }
    for (const child of this.#children) child.handle = undefined;
    this.#table.removeSupervisor(this, error);
    this.#pendingWork -= 1;
    this.#table.settled();
  }

  #killAll(): void {
    for (const { handle } of this.#children) void handle?.shutdown('killed', 'brutal_kill');
  }

  #offerToTakeBack(child: Child): void {
    if (child.spec.start.kind !== 'server') return;
    const name = nameOfChild(child.spec);
    this.#table.setAdopter(name, (snapshot) =>
      this.#enqueue(async () => {
        if (!this.#children.includes(child)) this.#children.push(child);
        await this.#startChild(child, new Map([[name, snapshot]]), true);
      }),
    );
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#pendingWork += 1;
    const done = this.#work.then(work).finally(() => {
      this.#pendingWork -= 1;
      this.#table.settled();
    });
    // Who enqueued it hears of its failure; the next in line does not care.
    this.#work = done.catch(() => undefined);
    return done;
  }
}
