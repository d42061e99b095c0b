/**
 * The children of a one_for_one, one_for_all or rest_for_one supervisor, in start order. They are started in this order and
 * ended in reverse; a temporary child that ends is forgotten, any other keeps its place. Servers that have moved to another
 * table are no longer this supervisor's to end or to start.
 */
import {
  type ChildGroup,
  failedToStart,
  type GroupHost,
  type GroupStart,
  refusal,
  stoppedWhileStarting,
} from './child-group.ts';
import { type ChildSpec, nameOfChild, type Strategy } from './child-spec.ts';
import { checkChild } from './child-spec-checks.ts';
import { exitOf, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import { SupervisedChild } from './supervised-child.ts';

export class StaticChildren implements ChildGroup {
  readonly #host: GroupHost;
  readonly #strategy: Strategy;
  #children: SupervisedChild[];
  /** As it started: a temporary child that is forgotten comes back when its server is taken back. */
  readonly #specs: readonly ChildSpec[];

  constructor(host: GroupHost, strategy: Strategy, specs: readonly ChildSpec[]) {
    this.#host = host;
    this.#strategy = strategy;
    this.#specs = specs;
    this.#children = specs.map((spec) => new SupervisedChild(spec, host));
  }

  list(): SupervisedChild[] {
    return [...this.#children];
  }

  has(child: SupervisedChild): boolean {
    return this.#children.includes(child);
  }

  findByPid(pid: Pid): SupervisedChild | undefined {
    return this.#children.find((child) => child.pid === pid);
  }

  async startAll(start: GroupStart): Promise<void> {
    for (const child of this.list()) {
      if (this.#host.ending) throw stoppedWhileStarting(this.#host.name);
      await child.start(start).catch((error: unknown) => {
        throw failedToStart(child.spec.id, exitOf(error));
      });
    }
  }

  ended(child: SupervisedChild): void {
    if (child.restart === 'temporary') this.#remove(child);
  }

  async restart(child: SupervisedChild): Promise<SupervisedChild | undefined> {
    const concerned = this.#concernedBy(child).filter(({ isMoved }) => !isMoved);
    await this.#terminate(concerned);
    return this.#startUntilOneFails(concerned.filter((one) => this.has(one)));
  }

  terminateAll(): Promise<void> {
    return this.#terminate(this.#children);
  }

  async startChild(what: unknown): Promise<Pid> {
    const spec = what as ChildSpec;
    checkChild(this.#host.name, spec.id, spec);
    const present = this.#find(spec.id);
    if (present?.pid !== undefined)
      throw refusal(`{already_started, ${present.pid}}`, `child ${spec.id} runs already.`);
    if (present) throw refusal('already_present', `child ${spec.id} is known; restart or delete it.`);
    const child = new SupervisedChild(spec, this.#host);
    this.#children.push(child);
    try {
      return await child.start();
    } catch (error) {
      this.#remove(child);
      throw error;
    }
  }

  async restartChild(id: string): Promise<Pid> {
    return this.#requireEnded(id).start();
  }

  async terminateChild(id: string): Promise<void> {
    const child = this.#require(id);
    await child.terminate();
    this.ended(child);
  }

  deleteChild(id: string): void {
    this.#remove(this.#requireEnded(id));
  }

  adoptableNames(): string[] {
    const specs = [...this.#specs, ...this.#children.map(({ spec }) => spec)];
    return specs.filter(({ start }) => start.kind === 'server').map(nameOfChild);
  }

  takes({ name }: ServerSnapshot): boolean {
    return this.#named(name) !== undefined || this.#forgotten(name) !== undefined;
  }

  async adopt(snapshot: ServerSnapshot): Promise<void> {
    const child = this.#named(snapshot.name) ?? this.#recall(this.#forgotten(snapshot.name));
    await child?.start({ snapshot, suspended: true });
  }

  /** A static child's shell stays: its server restarts where it lives. */
  dropShells(): void {}

  #named(name: string): SupervisedChild | undefined {
    return this.#children.find(({ spec }) => spec.start.kind === 'server' && nameOfChild(spec) === name);
  }

  #forgotten(name: string): ChildSpec | undefined {
    return this.#specs.find((spec) => spec.restart === 'temporary' && nameOfChild(spec) === name);
  }

  #recall(spec: ChildSpec | undefined): SupervisedChild | undefined {
    if (spec === undefined) return undefined;
    const child = new SupervisedChild(spec, this.#host);
    this.#children.push(child);
    return child;
  }

  #concernedBy(child: SupervisedChild): SupervisedChild[] {
    if (this.#strategy === 'one_for_one') return [child];
    if (this.#strategy === 'one_for_all') return this.list();
    return this.#children.slice(this.#children.indexOf(child));
  }

  async #terminate(children: readonly SupervisedChild[]): Promise<void> {
    for (const child of [...children].reverse()) {
      await child.terminate();
      this.ended(child);
    }
  }

  async #startUntilOneFails(children: readonly SupervisedChild[]): Promise<SupervisedChild | undefined> {
    for (const child of children) {
      if (this.#host.ending) return undefined;
      const started = await child.start().then(
        () => true,
        () => false,
      );
      if (!started) return child;
    }
    return undefined;
  }

  #find(id: string): SupervisedChild | undefined {
    return this.#children.find(({ spec }) => spec.id === id);
  }

  #require(id: string): SupervisedChild {
    const child = this.#find(id);
    if (child) return child;
    throw refusal('not_found', `${this.#host.name} has no child ${printAtom(id)}.`);
  }

  #requireEnded(id: string): SupervisedChild {
    const child = this.#require(id);
    if (child.pid !== undefined || child.exit !== undefined)
      throw refusal('running', `child ${id} of ${this.#host.name} runs; terminate it first.`);
    if (child.restarting)
      throw refusal('restarting', `child ${id} of ${this.#host.name} is being restarted.`);
    return child;
  }

  #remove(child: SupervisedChild): void {
    this.#children = this.#children.filter((one) => one !== child);
  }
}
