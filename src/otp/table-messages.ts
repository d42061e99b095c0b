/** The face of a process table as far as messages, timers, monitors and signals go: each is named by an address, which is a name or a pid. */
import type { Envelope, From, Outcome } from './envelope.ts';
import { MessageRouter } from './message-router.ts';
import { Monitors } from './monitors.ts';
import type { Pid } from './pid.ts';
import { ProcessRegistry } from './process-registry.ts';
import type { Registrations } from './registrations.ts';
import type { SignalRouter } from './signal-router.ts';
import { isLocalOnly, notLocal, type SystemRequest } from './system-messages.ts';
import { DEFAULT_CALL_TIMEOUT_MS, type TableUsage } from './table-options.ts';

export class TableMessages {
  /** For the functions of `client.ts`, which save a step. */
  readonly router: MessageRouter;
  protected readonly registry = new ProcessRegistry();
  protected readonly monitors = new Monitors();
  #lastRef = 0;

  constructor(origin: string, canForward: boolean) {
    this.router = new MessageRouter(this, this.registry, origin);
    this.router.canForward = canForward;
  }

  /** What the `from` of this table's calls bears. */
  get origin(): string {
    return this.router.origin;
  }

  get canForward(): boolean {
    return this.router.canForward;
  }

  set canForward(on: boolean) {
    this.router.canForward = on;
  }

  /** For `link`, `unlink` and `exit`. */
  get signals(): SignalRouter {
    return this.router.signals;
  }

  /** For `Registry`. */
  get registrations(): Registrations {
    return this.registry.registrations;
  }

  /** The pid that a name is registered for; the shell of a moved server has one too. */
  whereis(name: string): Pid | undefined {
    return this.registry.whereis(name);
  }

  /** How many entries the table keeps for what is under way. All are 0 where nothing is. */
  usage(): TableUsage {
    return {
      pendingCalls: this.router.calls.size,
      deferredReplies: this.router.deferred.size,
      monitors: this.monitors.size,
      linkedProcesses: this.signals.links.size,
      registeredProcesses: this.registrations.size,
    };
  }

  /** Asks a server. Rejects with an `ExitError`: `{noproc, Name}`, `{timeout, Name}`, or the reason of the server's end. */
  call(address: string, request: unknown, timeoutMs: number = DEFAULT_CALL_TIMEOUT_MS): Promise<unknown> {
    return this.router.call(address, request, timeoutMs);
  }

  /** A message to the process itself, answered in its turn: proves that the server takes messages. Rejects as `call` does. */
  async ping(address: string, timeoutMs: number = DEFAULT_CALL_TIMEOUT_MS): Promise<void> {
    await this.system(address, ['ping'], timeoutMs);
  }

  /** For `sys`: a message to the process itself. Rejects as `call` does, and with `{not_local, Name}`. */
  system(address: string, request: SystemRequest, timeoutMs = DEFAULT_CALL_TIMEOUT_MS): Promise<unknown> {
    const elsewhere = this.router.reachesOthers && this.registry.isElsewhere(address);
    if (elsewhere && isLocalOnly({ kind: 'system', body: request })) return Promise.reject(notLocal(address));
    return this.router.call(address, request, timeoutMs, 'system');
  }

  /** Tells a server; never fails, a cast to nobody is dropped. */
  cast(address: string, message: unknown): void {
    this.router.post('cast', address, message);
  }

  /** Sends a plain message, for `handleInfo`; never fails. */
  send(address: string, message: unknown): void {
    this.router.post('info', address, message);
  }

  /** Answers a call that was taken with `noreply`; a second or late answer is dropped. */
  replyTo(from: From, value: unknown): void {
    this.router.replyTo(from, value);
  }

  /** Sends a process a message in `ms`, and every `intervalMs` from then on if given. @returns for `cancelTimer` */
  startTimer(address: string, ms: number, message: unknown, intervalMs?: number): string {
    const ref = this.#nextRef();
    const repeat = intervalMs === undefined ? {} : { intervalMs };
    this.registry.requireServer(address).timers.add({ ref, remainingMs: ms, message, ...repeat });
    return ref;
  }

  /** @returns whether it was still to come */
  cancelTimer(ref: string): boolean {
    return Array.from(this.registry.servers.values()).some(({ timers }) => timers.cancel(ref));
  }

  /** `watcher` gets `['DOWN', ref, address, reason]` when `address` ends; at once if there is no such process and no other table to look in. */
  monitor(watcher: string, address: string): string {
    const ref = this.#nextRef();
    this.monitors.restore(this.registry.requireServer(watcher), { ref, name: address });
    this.fireMissingMonitors();
    return ref;
  }

  demonitor(ref: string): boolean {
    return this.monitors.remove(ref);
  }

  /** A message that another table forwarded. A call to an unknown name is answered with `noproc`. */
  deliver(address: string, envelope: Envelope): void {
    this.router.deliver(address, envelope);
  }

  /** An answer from another table to a call of this one. One that nobody waits for is dropped. */
  settle(from: From, outcome: Outcome): void {
    this.router.settle(from, outcome);
  }

  /** Fails all calls to servers that are elsewhere: the other side is gone. */
  rejectForwarded(reason: string, message: string): void {
    this.router.rejectForwarded(reason, message);
  }

  protected fireMissingMonitors(): void {
    if (!this.router.reachesOthers) this.monitors.fireMissing((name) => this.whereis(name) !== undefined);
  }

  #nextRef(): string {
    this.#lastRef += 1;
    return `#Ref<${this.origin}.${this.#lastRef}>`;
  }
}
