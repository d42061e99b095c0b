/**
 * The children of a simple_one_for_one supervisor: servers of one kind, each known by its pid and started with its own
 * arguments. One that ends and is not restarted is forgotten. All are ended at once, in no order.
 */
import {
  type ChildGroup,
  failedToStart,
  type GroupHost,
  type GroupStart,
  refusal,
  stoppedWhileStarting,
} from './child-group.ts';
import type { ChildTemplate } from './child-spec.ts';
import { type ExitError, exitOf } from './exit-error.ts';
import { isPid, type Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import { SupervisedChild } from './supervised-child.ts';

export interface DynamicHost extends GroupHost {
  /** Some process has this pid. */
  isAlive(pid: string): boolean;
}

export class DynamicChildren implements ChildGroup {
  readonly #host: DynamicHost;
  readonly #template: ChildTemplate;
  /** Each with its pid; while it is restarting, with its last one. */
  readonly #keys = new Map<SupervisedChild, string>();
  readonly #byKey = new Map<string, SupervisedChild>();

  constructor(host: DynamicHost, template: ChildTemplate) {
    this.#host = host;
    this.#template = template;
  }

  list(): SupervisedChild[] {
    return [...this.#keys.keys()];
  }

  has(child: SupervisedChild): boolean {
    return this.#keys.has(child);
  }

  findByPid(pid: Pid): SupervisedChild | undefined {
    return this.#byKey.get(pid);
  }

  async startAll({ adopted, suspended }: GroupStart): Promise<void> {
    const own = [...(adopted?.values() ?? [])].filter((snapshot) => this.takes(snapshot));
    for (const snapshot of own) {
      if (this.#host.ending) throw stoppedWhileStarting(this.#host.name);
      await this.adopt(snapshot, suspended).catch((error: unknown) => {
        throw failedToStart(this.#template.start.name, exitOf(error));
      });
    }
  }

  ended(child: SupervisedChild): void {
    this.#forget(child);
  }

  async restart(child: SupervisedChild): Promise<SupervisedChild | undefined> {
    try {
      await child.start();
    } catch {
      return child;
    }
    if (child.pid !== undefined) this.#keep(child, child.pid);
    return undefined;
  }

  async terminateAll(): Promise<void> {
    await Promise.all(this.list().map((child) => child.terminate()));
    for (const child of this.list()) this.#forget(child);
  }

  /** @param args for `init` */
  async startChild(args: unknown): Promise<Pid> {
    return this.#startNew(this.#newChild(args));
  }

  async restartChild(): Promise<Pid> {
    throw this.#invalid();
  }

  async terminateChild(pid: string): Promise<void> {
    if (!isPid(pid)) throw this.#invalid();
    const child = this.#byKey.get(pid);
    if (child) {
      await child.terminate();
      this.#forget(child);
    } else if (this.#host.isAlive(pid))
      throw refusal('not_found', `${pid} is no child of ${this.#host.name}.`);
  }

  deleteChild(): void {
    throw this.#invalid();
  }

  adoptableNames(): string[] {
    return [this.#host.name];
  }

  takes({ child, server }: ServerSnapshot): boolean {
    return child?.supervisor === this.#host.name && server === this.#template.start.name;
  }

  async adopt(snapshot: ServerSnapshot, suspended = true): Promise<void> {
    await this.#startNew(this.#newChild(snapshot.child?.args), snapshot, suspended);
  }

  dropShells(): void {
    for (const child of this.list().filter(({ isMoved }) => isMoved)) {
      void child.terminate();
      this.#forget(child);
    }
  }

  /** A start that fails leaves nothing behind. */
  async #startNew(child: SupervisedChild, snapshot?: ServerSnapshot, suspended = false): Promise<Pid> {
    const started = child.start({ snapshot, suspended });
    if (child.pid !== undefined) this.#keep(child, child.pid);
    try {
      return await started;
    } catch (error) {
      this.#forget(child);
      throw error;
    }
  }

  #newChild(args: unknown): SupervisedChild {
    return new SupervisedChild({ ...this.#template, id: this.#template.start.name, args }, this.#host, true);
  }

  #keep(child: SupervisedChild, key: string): void {
    this.#byKey.delete(this.#keys.get(child) ?? key);
    this.#byKey.set(key, child);
    this.#keys.set(child, key);
  }

  #forget(child: SupervisedChild): void {
    const key = this.#keys.get(child);
    this.#keys.delete(child);
    if (key !== undefined && this.#byKey.get(key) === child) this.#byKey.delete(key);
  }

  #invalid(): ExitError {
    const sentence = `${this.#host.name} is one: its children have no ids; name the child by its pid.`;
    return refusal('simple_one_for_one', sentence);
  }
}
