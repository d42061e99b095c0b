/**
 * A server from its start to its hand-over. While it is held it takes no message and its timers stand still, so that what
 * `snapshot` returns stays true; only its mailbox grows, and what grew is passed on when it has moved.
 */
import { LONGEST_TIMER_MS } from './after-ms.ts';
import { CallLane } from './call-lane.ts';
import { type Envelope, fromOutside, toOutside } from './envelope.ts';
import { CodeChangeFailed, exitOf, exitTuple } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import type { ServerSnapshot } from './ports.ts';

import {
  isLocalOnly,
  notLocal,
  obey,
  type ServerStatus,
  type SystemRequest,
  type SystemTarget,
} from './system-messages.ts';
import type { TraceListener } from './trace.ts';

/** `resumed`: the hook, and with it all messages, and the timers. */
export type LeftOut = 'nothing' | 'timers' | 'resumed';

export class ServerProcess extends CallLane implements SystemTarget {
  /** Messages in the mailbox at the last snapshot; undefined: none was taken since the last `release`. */
  #snapshotLength: number | undefined;

  /**
   * Runs `init`, or takes over what another table hands over. Resolves when the process can take messages, or is held. A process
   * whose state is not there in `timeoutMs` is killed.
   */
  boot(args: unknown, adopted: ServerSnapshot | undefined, timeoutMs: number): Promise<void> {
    const ended = new Promise<never>((_, reject) => {
      this.whenEnded.push(() => reject(this.exitError));
    });
    const limit = this.#limitStart(timeoutMs);
    // A process that is killed does not wait for its `init`.
    return Promise.race([this.#boot(args, adopted), ended]).finally(() => clearTimeout(limit));
  }

  /** Whether it does anything that nobody has asked it for. */
  get actsByItself(): boolean {
    return !this.host.isRehearsal || this.definition.callbacks.safeToRehearse === true;
  }

  /** What a rehearsal leaves out of it. */
  get leavesOut(): LeftOut {
    if (this.actsByItself) return 'nothing';
    return this.definition.callbacks.resumed === undefined ? 'timers' : 'resumed';
  }

  #limitStart(timeoutMs: number): NodeJS.Timeout | undefined {
    if (timeoutMs > LONGEST_TIMER_MS) return undefined;
    return setTimeout(() => {
      if (!this.is('starting')) return;
      this.finalise(
        exitTuple('timeout', this.name, `it did not start within ${timeoutMs} ms and was killed.`),
      );
    }, timeoutMs);
  }

  async #boot(args: unknown, adopted: ServerSnapshot | undefined): Promise<void> {
    if (!this.actsByItself) this.timers.pause();
    try {
      const state = await (adopted ? this.#converted(adopted) : this.states.first(args));
      if (this.is('ended')) return;
      this.state = this.states.own(state);
      if (adopted) this.takeOver(adopted);
      this.phase = 'ready';
      await this.activate();
      this.booted = true;
    } catch (error) {
      this.finalise(exitOf(error));
    }
  }

  /** Stage 2 of a suspension, or a take-back. Only of a process that is not busy, or is starting. */
  hold(): void {
    this.held = true;
    this.timers.pause();
  }

  /** Undoes `hold`; resolves when the `resumed` hook is done. */
  async release(): Promise<void> {
    this.held = false;
    this.#snapshotLength = undefined;
    if (this.actsByItself) this.timers.resume();
    if (this.is('ready') && !this.busy) await this.activate();
  }

  /** Runs the `suspended` hook of a held process. Rejects with what the hook throws; the process goes on with its old state. */
  async runSuspendedHook(): Promise<void> {
    const { callbacks } = this.definition;
    if (callbacks.suspended === undefined || !this.is('ready')) return;
    this.busy = true;
    this.hook = 'suspended';
    try {
      const state = await this.scope.runInAsyncScope(() => callbacks.suspended?.(this.state));
      if (this.is('ready') && state !== undefined) this.state = this.states.own(state);
    } finally {
      if (this.is('ready')) await this.afterHook();
    }
  }

  snapshot(): ServerSnapshot {
    // What can not travel is refused, and may be asked for again.
    for (const { from } of this.mailbox.remove(isLocalOnly))
      if (from) this.host.refuse(from, notLocal(this.name));
    this.#snapshotLength = this.mailbox.length;
    return {
      name: this.name,
      pid: this.pid,
      version: this.server.version,
      state: this.state,
      mailbox: this.mailbox.list().map(toOutside),
      timers: this.timers.snapshot(),
      monitors: this.host.monitors.of(this),
      deferred: this.host.deferred.of(this),
      links: this.host.signals.links.of(this.pid),
      registrations: this.host.registrations.of(this.pid),
      trapExit: this.trapsExits,
      sysSuspended: this.sysSuspended,
    };
  }

  get isSnapshotted(): boolean {
    return this.#snapshotLength !== undefined;
  }

  /** Turns into a shell. Messages that came after the snapshot are passed on: nobody else has them. */
  becomeShell(): void {
    const late = this.mailbox.clear().slice(this.#snapshotLength);
    this.phase = 'moved';
    this.held = false;
    this.state = undefined;
    this.#snapshotLength = undefined;
    this.dropHoldings();
    this.host.signals.links.take(this.pid);
    for (const envelope of late) this.host.forward(this.name, envelope);
  }

  /** A shell becomes the server again, held until it is released. */
  async refill(snapshot: ServerSnapshot): Promise<void> {
    const state = await this.#converted(snapshot);
    if (!this.is('moved')) throw exitTuple('not_moved', this.name, 'it ended while it was taken back.');
    this.state = this.states.own(state);
    this.hold();
    this.phase = 'ready';
    this.takeOver(snapshot);
    this.#snapshotLength = this.mailbox.length;
  }

  async #converted(snapshot: ServerSnapshot): Promise<unknown> {
    try {
      return await this.states.convert(snapshot);
    } catch (error) {
      throw new CodeChangeFailed(this.name, exitOf(error));
    }
  }

  protected takeOver(snapshot: ServerSnapshot): void {
    const { mailbox, timers, monitors, deferred, links = [], registrations = [] } = snapshot;
    this.host.registrations.restore(this.pid, registrations);
    this.trapsExits = snapshot.trapExit ?? false;
    this.sysSuspended = snapshot.sysSuspended ?? false;
    for (const address of links) this.host.signals.links.add(this.pid, address);
    // A server that sent one of these has long stopped waiting to be let finish: to this table they come from outside.
    this.mailbox.prepend(mailbox.map(fromOutside));
    for (const timer of timers) this.timers.add(timer);
    for (const monitor of monitors) this.host.monitors.restore(this, monitor);
    for (const from of deferred) this.host.defer(from, this);
  }

  protected async afterHook(): Promise<void> {
    if (this.held || this.wanted) this.rest();
    else await this.activate();
  }

  /** Starts to take messages, through the `resumed` hook. */
  protected activate(): void | Promise<void> {
    const { callbacks } = this.definition;
    if (this.held || this.wanted || callbacks.resumed === undefined) return this.rest();
    if (!this.actsByItself) {
      // It lacks what its hook takes: it shows its state, and takes no message.
      this.sysSuspended = true;
      return this.rest();
    }
    this.busy = true;
    this.hook = 'resumed';
    return this.runResumed(callbacks.resumed.bind(callbacks));
  }

  protected async runResumed(resumed: (state: unknown) => unknown): Promise<void> {
    try {
      const state = await this.scope.runInAsyncScope(() => resumed(this.state));
      if (!this.is('ready')) return;
      if (state !== undefined) this.state = this.states.own(state);
      this.rest();
    } catch (error) {
      this.fail(error);
    }
  }

  protected obey({ body }: Envelope): unknown {
    return obey(this, body as SystemRequest);
  }

  statusNow(): ServerStatus {
    return {
      pid: this.pid,
      name: this.name,
      version: this.server.version,
      status: this.sysSuspended ? 'suspended' : 'running',
      parent: this.supervisor,
      trapExit: this.trapsExits,
      links: this.host.signals.links.of(this.pid),
      mailboxLength: this.mailbox.length,
      handled: this.handled,
      tracing: this.tracer !== undefined,
      state: this.state,
    };
  }

  sysSuspend(on: boolean): void {
    this.sysSuspended = on;
  }

  async replaceState(state: unknown): Promise<unknown> {
    if (this.definition.callbacks.persist) await this.states.save(state);
    if (this.is('ready')) this.state = this.states.own(state);
    return state;
  }

  convertState(server: AnyServer, oldVersion: number): Promise<unknown> {
    return this.statesOf(server).convert({ version: oldVersion, state: this.state });
  }

  adoptCode(server: AnyServer, state: unknown): void {
    if (!this.is('ready')) return;
    this.definition = server;
    this.states = this.statesOf(server);
    this.state = this.states.own(state);
  }

  traceTo(listener: TraceListener | undefined): void {
    this.tracer = listener;
  }
}
