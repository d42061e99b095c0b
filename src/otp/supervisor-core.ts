/**
 * What befalls a supervisor, dealt with in turn: ends of children, restarts that failed and are tried again, and requests. From
 * the moment a child ends until that has been dealt with the supervisor is busy, so that a suspension can not slip in between.
 * Its own end does not wait for its turn: whatever is under way sees `ending` and starts nothing more.
 */
import { type ChildGroup, type GroupHost, refusal } from './child-group.ts';
import { isDynamic, type SupervisorSpec } from './child-spec.ts';
import { DynamicChildren } from './dynamic-children.ts';
import type { ExitError } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ProcessTable } from './process-table.ts';
import { reportDropped } from './report.ts';
import { RequestGate } from './request-gate.ts';
import { RestartIntensity } from './restart-intensity.ts';
import { StaticChildren } from './static-children.ts';
import type { Spawned, StartOfChild, SupervisedChild } from './supervised-child.ts';
import { WorkQueue } from './work-queue.ts';

/** Told when the supervisor has ended by itself. */
export type OnExit = (error: ExitError) => void;

export abstract class SupervisorCore implements GroupHost {
  readonly name: string;
  readonly pid: Pid;
  protected readonly spec: SupervisorSpec;
  protected readonly table: ProcessTable;
  protected readonly group: ChildGroup;
  protected readonly restarts: RestartIntensity;
  protected readonly queue: WorkQueue;
  protected readonly gate = new RequestGate();
  readonly changing = new Set<SupervisedChild>();
  protected childExits = 0;
  readonly #onExit: OnExit | undefined;
  #ended: Promise<void> | undefined;
  #ending = false;
  #atEnd = false;

  constructor(spec: SupervisorSpec, table: ProcessTable, onExit: OnExit | undefined) {
    this.name = spec.name;
    this.spec = spec;
    this.table = table;
    this.pid = table.allocatePid();
    this.#onExit = onExit;
    this.restarts = new RestartIntensity(spec.intensity, spec.periodMs);
    this.queue = new WorkQueue(() => table.settled());
    this.group = isDynamic(spec)
      ? new DynamicChildren(this, spec.child)
      : new StaticChildren(this, spec.strategy ?? 'one_for_one', spec.children);
  }

  abstract spawn(spec: SupervisedChild['spec'], start: StartOfChild, onExit: OnExit): Spawned;

  protected abstract removeFromTable(error: ExitError): void;

  /** A start, a restart, a request, the end of a child or its own end is under way. */
  get busy(): boolean {
    return this.queue.size > 0 || this.#atEnd;
  }

  get ending(): boolean {
    return this.#ending;
  }

  isAlive(pid: string): boolean {
    return this.table.whereis(pid) !== undefined;
  }

  exited(child: SupervisedChild, error: ExitError): void {
    if (this.ending) return;
    this.childExits += 1;
    child.restarting = child.isRestartedAfter(error.reason);
    void this.queue.add(() => this.#dealWith(child, error));
  }

  async #dealWith(child: SupervisedChild, error: ExitError): Promise<void> {
    // A restart of its siblings or a request has come before and dealt with it.
    if (this.ending || child.exit !== error) return;
    child.exit = undefined;
    if (child.isRestartedAfter(error.reason)) await this.#restart(child);
    else this.group.ended(child);
  }

  async #tryAgain(child: SupervisedChild): Promise<void> {
    if (!this.ending && child.restarting && this.group.has(child)) await this.#restart(child);
  }

  /** A restart that fails is tried again, after what has come meanwhile. Each try counts. */
  async #restart(child: SupervisedChild): Promise<void> {
    if (!this.restarts.allow(performance.now())) {
      await this.#giveUp(child);
      return;
    }
    const failed = await this.group.restart(child);
    if (failed === undefined || this.ending) return;
    failed.restarting = true;
    void this.queue.add(() => this.#tryAgain(failed));
  }

  #giveUp(child: SupervisedChild): Promise<void> {
    child.restarting = false;
    const sentence = `reached_max_restart_intensity: ${child.spec.id} of ${this.name} failed too often; see its last errors.`;
    return this.endWith(refusal('shutdown', sentence), this.#onExit);
  }

  protected endWith(error: ExitError, tell?: OnExit): Promise<void> {
    this.#ending = true;
    this.#ended ??= this.#terminate(error, tell);
    return this.#ended;
  }

  /** Whoever is told acts in the same step, before a suspension can see that nothing is at work. */
  async #terminate(error: ExitError, tell: OnExit | undefined): Promise<void> {
    this.#atEnd = true;
    this.gate.close(error);
    for (const name of this.group.adoptableNames()) this.table.setAdopter(name, undefined);
    await this.group.terminateAll();
    this.removeFromTable(error);
    try {
      tell?.(error);
    } catch (thrown) {
      reportDropped(`onExit of supervisor ${this.name} failed`, thrown);
    }
    this.#atEnd = false;
    this.table.settled();
  }
}
