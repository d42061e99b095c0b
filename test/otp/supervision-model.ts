/**
 * What OTP's documentation of `supervisor` says, as a small program over plain data: no processes, no waiting. It notes each start
 * and each end of a worker, in order. It knows nothing of the code under test.
 */

export type RestartType = 'permanent' | 'transient' | 'temporary';

export interface WorkerSpec {
  readonly kind: 'worker';
  readonly id: string;
  readonly restart: RestartType;
}

export interface SupervisorModelSpec {
  readonly kind: 'supervisor';
  readonly id: string;
  readonly restart: RestartType;
  readonly strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';
  readonly intensity: number;
  /** None of simple_one_for_one. */
  readonly children: readonly NodeSpec[];
  /** Of the children of simple_one_for_one. */
  readonly childRestart: RestartType;
}

export type NodeSpec = WorkerSpec | SupervisorModelSpec;

interface Child {
  readonly spec: NodeSpec;
  state: 'running' | 'ended';
  /** Of a running supervisor. */
  supervisor: SupervisorModel | undefined;
}

interface World {
  readonly log: string[];
  readonly periodMs: number;
  now: number;
  /** Starts of a worker that are yet to fail. */
  readonly failures: Map<string, number>;
}

const isNormal = (reason: string): boolean =>
  reason === 'normal' || reason === 'shutdown' || reason.startsWith('{shutdown,');

export class SupervisorModel {
  readonly spec: SupervisorModelSpec;
  readonly parent: SupervisorModel | undefined;
  readonly world: World;
  children: Child[] = [];
  restarts: number[] = [];
  hasEnded = false;

  constructor(spec: SupervisorModelSpec, world: World, parent?: SupervisorModel) {
    this.spec = spec;
    this.world = world;
    this.parent = parent;
    this.children = spec.children.map((child) => ({ spec: child, state: 'ended', supervisor: undefined }));
  }

  /** "The child processes are started in order from left to right"; one that fails takes those before it along. */
  start(): boolean {
    for (const child of this.children) {
      if (this.startChild(child)) continue;
      this.end();
      return false;
    }
    return true;
  }

  /** "In reversed start order, from right to left." */
  end(): void {
    this.hasEnded = true;
    this.terminate(this.children);
  }

  /** The supervisor below this child gave up, or the worker ended. */
  childEnded(child: Child, reason: string): void {
    child.state = 'ended';
    child.supervisor = undefined;
    const { restart } = child.spec;
    if (restart === 'permanent' || (restart === 'transient' && !isNormal(reason))) this.restart(child);
    else this.forget(child);
  }

  /** "If more than MaxR restarts occur within MaxT", it terminates all its children and then itself, with reason shutdown. */
  private restart(child: Child): void {
    const { now, periodMs } = this.world;
    this.restarts = [...this.restarts.filter((at) => at >= now - periodMs), now];
    if (this.restarts.length > this.spec.intensity) {
      this.end();
      const above = this.parent;
      const own = above?.children.find(({ supervisor }) => supervisor === this);
      if (above && own) above.childEnded(own, 'shutdown');
      return;
    }
    const failed = this.restartAll(this.concerned(child));
    if (failed) this.restart(failed);
  }

  private concerned(child: Child): Child[] {
    if (this.spec.strategy === 'one_for_all') return [...this.children];
    if (this.spec.strategy === 'rest_for_one') return this.children.slice(this.children.indexOf(child));
    return [child];
  }

  private restartAll(children: Child[]): Child | undefined {
    this.terminate(children);
    return children.filter((child) => this.children.includes(child)).find((child) => !this.startChild(child));
  }

  /** A temporary child "is never restarted, even when a sibling's death causes it to be terminated": it is forgotten. */
  terminate(children: readonly Child[]): void {
    for (const child of [...children].reverse()) {
      if (child.state === 'running') {
        if (child.supervisor) child.supervisor.end();
        else this.world.log.push(`end ${child.spec.id} shutdown`);
      }
      child.state = 'ended';
      child.supervisor = undefined;
      if (child.spec.restart === 'temporary') this.forget(child);
    }
  }

  startChild(child: Child): boolean {
    if (child.spec.kind === 'worker') return this.startWorker(child);
    const below = new SupervisorModel(child.spec, this.world, this);
    if (!below.start()) return false;
    child.state = 'running';
    child.supervisor = below;
    return true;
  }

  private startWorker(child: Child): boolean {
    const { failures, log } = this.world;
    const failing = failures.get(child.spec.id) ?? 0;
    failures.set(child.spec.id, Math.max(0, failing - 1));
    log.push(`${failing > 0 ? 'fail' : 'start'} ${child.spec.id}`);
    if (failing > 0) return false;
    child.state = 'running';
    return true;
  }

  private forget(child: Child): void {
    const isDynamic = this.spec.strategy === 'simple_one_for_one';
    if (child.spec.restart === 'temporary' || isDynamic)
      this.children = this.children.filter((one) => one !== child);
  }

  /** `start_child` of a simple_one_for_one supervisor. */
  add(id: string): string {
    const spec: WorkerSpec = { kind: 'worker', id, restart: this.spec.childRestart };
    const child: Child = { spec, state: 'ended', supervisor: undefined };
    this.startChild(child);
    this.children.push(child);
    return 'ok';
  }

  terminateChild(id: string): string {
    const child = this.find(id);
    if (child === undefined) return 'not_found';
    this.terminate([child]);
    if (this.spec.strategy === 'simple_one_for_one') this.forget(child);
    return 'ok';
  }

  restartChild(id: string): string {
    if (this.spec.strategy === 'simple_one_for_one') return 'simple_one_for_one';
    const child = this.find(id);
    if (child === undefined) return 'not_found';
    if (child.state === 'running') return 'running';
    this.startChild(child);
    return 'ok';
  }

  deleteChild(id: string): string {
    if (this.spec.strategy === 'simple_one_for_one') return 'simple_one_for_one';
    const child = this.find(id);
    if (child === undefined) return 'not_found';
    if (child.state === 'running') return 'running';
    this.children = this.children.filter((one) => one !== child);
    return 'ok';
  }

  /** Of this supervisor and those below that run. */
  supervisors(): SupervisorModel[] {
    if (this.hasEnded) return [];
    return [this, ...this.children.flatMap(({ supervisor }) => supervisor?.supervisors() ?? [])];
  }

  workers(): { id: string; end: (reason: string) => void }[] {
    return this.supervisors().flatMap((supervisor) =>
      supervisor.children
        .filter(({ spec, state }) => spec.kind === 'worker' && state === 'running')
        .map((child) => ({
          id: child.spec.id,
          end: (reason: string): void => {
            this.world.log.push(`end ${child.spec.id} ${reason}`);
            supervisor.childEnded(child, reason);
          },
        })),
    );
  }

  private find(id: string): Child | undefined {
    return this.children.find(({ spec }) => spec.id === id);
  }
}
