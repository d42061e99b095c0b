/** A supervisor as its owner and the process table see it: start and end, requests, and what it tells about itself. */
import { afterMs } from './after-ms.ts';
import { type ChildSpec, isDynamic, nameOfChild, type SupervisorDefinition } from './child-spec.ts';
import { currentProcess } from './current-process.ts';
import { supervisor } from './define-supervisor.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import type { ProcessStatus } from './process-host.ts';
import type { ChildRow, ProcessInfo, SupervisorProcess } from './process-info.ts';
import { type ProcessTable, processes } from './process-table.ts';
import type { Adopted, Spawned, StartOfChild } from './supervised-child.ts';
import { type OnExit, SupervisorCore } from './supervisor-core.ts';
import type { SupervisorRequest } from './supervisor-requests.ts';
import {
  type ChildCounts,
  type ChildInfo,
  childInfo,
  childRow,
  countOf,
  supervisionOf,
} from './supervisor-view.ts';

export interface SupervisorOptions {
  /** Default: `processes`. */
  readonly table?: ProcessTable;
  /** The supervisor ended by itself, with reason `shutdown`: its children failed too often. Nothing of it runs any more. */
  readonly onExit?: OnExit;
  /** Name of the supervisor above. */
  readonly parent?: string;
}

export interface SupervisorStartOptions {
  /**
   * Snapshots by registered name, or by pid, already converted by lenses: such servers take over instead of `init`. Children of
   * simple_one_for_one supervisors are started by those of the same name.
   */
  readonly adopted?: Adopted | undefined;
  /** All servers stay suspended until `table.resume()`. */
  readonly suspended?: boolean;
}

/** A running supervisor: `await new Supervisor({ name, children }, { onExit }).start()`. */
export class Supervisor extends SupervisorCore implements SupervisorProcess {
  readonly parent: string | undefined;
  readonly #startedAt = Date.now();
  #added = false;

  constructor(spec: SupervisorDefinition, options: SupervisorOptions = {}) {
    super(supervisor(spec), options.table ?? processes, options.onExit);
    this.parent = options.parent;
  }

  get status(): ProcessStatus {
    if (this.busy) return 'running';
    return this.table.stage === 'suspended' ? 'suspended' : 'waiting';
  }

  /** Starts the children in order. When one fails, those before it are stopped, and the start rejects and names it. */
  async start({ adopted, suspended = false }: SupervisorStartOptions = {}): Promise<void> {
    if (this.gate.closed) throw this.gate.closed;
    if (suspended) this.table.startSuspended();
    this.table.addSupervisor(this);
    this.#added = true;
    this.#offerToTakeBack();
    await this.queue.add(() => this.group.startAll({ adopted, suspended }).catch((e) => this.#failStart(e)));
  }

  /** Stops the children in reverse order, each within its `shutdown`. */
  stop(reason = 'shutdown'): Promise<void> {
    return this.endWith(new ExitError(reason, `${reason}: ${this.name} was stopped.`));
  }

  /** As `stop`, within `limit` ms; for a supervisor above. */
  async shutdown(reason: string, limit: number | 'brutal_kill'): Promise<void> {
    const ended = this.stop(reason);
    if (limit === 'brutal_kill') this.#killAll();
    const cancel = afterMs(limit === 'brutal_kill' ? Number.POSITIVE_INFINITY : limit, () => this.#killAll());
    await ended;
    cancel();
  }

  /** As it is now; `supervisor.whichChildren(name)` asks in turn. */
  whichChildren(): ChildInfo[] {
    return this.group.list().map((child) => childInfo(child, isDynamic(this.spec)));
  }

  countChildren(): ChildCounts {
    return countOf(this.group.list(), isDynamic(this.spec));
  }

  /** See the function of this name. */
  async startChild(childOrArgs?: unknown): Promise<Pid> {
    return (await this.request(['start_child', childOrArgs])) as Pid;
  }

  /** See the function of this name. */
  async restartChild(id: string): Promise<Pid> {
    return (await this.request(['restart_child', id])) as Pid;
  }

  /** See the function of this name. */
  async terminateChild(idOrPid: string): Promise<void> {
    await this.request(['terminate_child', idOrPid]);
  }

  /** See the function of this name. */
  async deleteChild(id: string): Promise<void> {
    await this.request(['delete_child', id]);
  }

  /** What the process table passes on. */
  async request(request: SupervisorRequest): Promise<unknown> {
    if (request[0] === 'which_children') return this.whichChildren();
    if (request[0] === 'count_children') return this.countChildren();
    if (this.gate.closed) throw this.gate.closed;
    this.#assertNotWaitedFor();
    if (!this.#isOpen()) {
      await this.gate.wait();
      // The children may live elsewhere by now.
      return this.table.askSupervisor(this.name, request);
    }
    return this.queue.add(() => this.#carryOut(request));
  }

  info(): ProcessInfo {
    return {
      pid: this.pid,
      name: this.name,
      kind: 'supervisor',
      status: this.status,
      mailboxLength: this.queue.size,
      handled: this.childExits,
      current: [...this.changing][0]?.spec.id,
      startedAt: this.#startedAt,
      version: undefined,
      supervisor: this.parent,
      supervision: supervisionOf(this.spec, this.restarts, this.restarts.used(performance.now())),
    };
  }

  childRows(): ChildRow[] {
    return this.group.list().map(childRow);
  }

  originOf(pid: Pid): ServerSnapshot['child'] {
    if (!isDynamic(this.spec)) return undefined;
    const child = this.group.findByPid(pid);
    return child && { supervisor: this.name, args: child.spec.args };
  }

  waitsFor(pid: Pid): boolean {
    // One that starts has no pid yet while the first steps of its `init` run.
    return [...this.changing].some(
      (child) => child.pid === undefined || child.pid === pid || child.supervisor?.waitsFor(pid),
    );
  }

  resumed(whole: boolean): void {
    if (whole) this.group.dropShells();
    this.gate.open();
  }

  override spawn(spec: ChildSpec, start: StartOfChild, onExit: OnExit): Spawned {
    const { table, name: parent } = this;
    const { adopted, suspended = false } = start;
    if (spec.start.kind === 'supervisor') {
      const below = new Supervisor({ ...spec.start, name: nameOfChild(spec) }, { table, onExit, parent });
      return { handle: below, started: below.start({ adopted, suspended }) };
    }
    const name = isDynamic(this.spec) ? null : nameOfChild(spec);
    const place = { name, suspended, supervisor: parent, onExit };
    const snapshot = start.snapshot ?? adopted?.get(name ?? '');
    const { process, started } = table.spawn(spec.start, { ...place, args: spec.args, adopted: snapshot });
    return { handle: process, started };
  }

  protected override removeFromTable(error: ExitError): void {
    if (this.#added) this.table.removeSupervisor(this, error);
  }

  async #carryOut([what, argument]: SupervisorRequest): Promise<unknown> {
    if (this.gate.closed) throw this.gate.closed;
    if (what === 'start_child') {
      const pid = await this.group.startChild(argument);
      this.#offerToTakeBack();
      return pid;
    }
    if (what === 'restart_child') return this.group.restartChild(argument as string);
    if (what === 'terminate_child') return this.group.terminateChild(argument as string);
    return this.group.deleteChild(argument as string);
  }

  /** While the table comes to rest only servers that are still at work get through. */
  #isOpen(): boolean {
    const { stage } = this.table;
    if (stage !== 'draining') return stage === 'running';
    const caller = currentProcess();
    return caller?.busy === true && caller.table === this.table;
  }

  /** @throws ExitError `{calling_supervisor, Name}`: a child that asks while the supervisor waits for it would wait for ever */
  #assertNotWaitedFor(): void {
    const caller = currentProcess();
    if (caller === undefined || !caller.busy || caller.table !== this.table) return;
    if (!this.waitsFor(caller.pid)) return;
    const sentence = `${caller.name} starts or ends, and the supervisor waits for it; ask from another process.`;
    throw exitTuple('calling_supervisor', this.name, sentence);
  }

  async #failStart(error: unknown): Promise<never> {
    const { reason, message } = error as ExitError;
    const shutdown = reason === 'shutdown' ? reason : `{shutdown, ${reason}}`;
    const failure = new ExitError(shutdown, message, { cause: error });
    await this.endWith(failure);
    throw failure;
  }

  #killAll(): void {
    for (const child of this.group.list()) child.kill();
  }

  #offerToTakeBack(): void {
    const adopt = (snapshot: ServerSnapshot): Promise<void> | undefined =>
      this.group.takes(snapshot) ? this.queue.add(() => this.group.adopt(snapshot)) : undefined;
    for (const name of this.group.adoptableNames()) this.table.setAdopter(name, adopt);
  }
}
