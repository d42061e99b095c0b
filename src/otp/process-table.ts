/** The processes of one OS process. This class is the face; names, messages, suspension and hand-over each have their own module. */
import { randomUUID } from 'node:crypto';
import type { Envelope, From, Outcome } from './envelope.ts';
import type { ExitError } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import { type Adopter, markMoved, snapshotAll, type TakenBack, takeBack } from './hand-over.ts';
import { MessageRouter } from './message-router.ts';
import { Monitors } from './monitors.ts';
import { type Pid, pidSource } from './pid.ts';
import type { PersistencePort, ServerSnapshot } from './ports.ts';
import type { ProcessHost } from './process-host.ts';
import type { ProcessChange, ProcessInfo, SupervisorProcess } from './process-info.ts';
import { ProcessRegistry } from './process-registry.ts';
import { RunQueue } from './run-queue.ts';
import { ServerProcess } from './server-process.ts';
import { type Stage, type SuspendOptions, Suspension } from './suspension.ts';
import { DEFAULT_CALL_TIMEOUT_MS, type ProcessTableOptions, type StartOptions } from './table-options.ts';

/** Processes, their names and their messages. One per OS process in production (`processes`), any number in tests. */
export class ProcessTable {
  readonly #nextPid = pidSource();
  readonly #registry = new ProcessRegistry();
  readonly #monitors = new Monitors();
  readonly #adopters = new Map<string, Adopter>();
  readonly #router: MessageRouter;
  readonly #suspension: Suspension;
  readonly #host: ProcessHost;
  #persistence: PersistencePort | undefined;
  #lastRef = 0;

  constructor({ origin = randomUUID(), canForward = true, remote, persistence }: ProcessTableOptions = {}) {
    const router = new MessageRouter(this, this.#registry, origin);
    router.canForward = canForward;
    this.#router = router;
    this.#suspension = new Suspension({
      servers: () => this.#registry.servers.values(),
      supervisors: () => this.#registry.supervisors.values(),
      isWaiting: (pid) => router.calls.isWaiting(pid),
    });
    this.#host = this.#makeHost();
    this.connect({ remote, persistence });
  }

  /** Ties a table that exists already to the world around it. Has to come before the first process is started. */
  connect({ origin, remote, persistence }: Omit<ProcessTableOptions, 'canForward'>): void {
    if (origin !== undefined) this.#router.origin = origin;
    this.#router.remote = remote;
    this.#persistence = persistence;
  }

  /** What the `from` of this table's calls bears. */
  get origin(): string {
    return this.#router.origin;
  }

  get canForward(): boolean {
    return this.#router.canForward;
  }

  set canForward(on: boolean) {
    this.#router.canForward = on;
  }

  /** running, draining (stage 1 of a suspension) or suspended. */
  get stage(): Stage {
    return this.#suspension.stage;
  }

  /** All processes, oldest first. */
  list(): ProcessInfo[] {
    return this.#registry.list();
  }

  info(name: string): ProcessInfo | undefined {
    return this.#registry.info(name);
  }

  /** The pid that a name is registered for; the shell of a moved server has one too. */
  whereis(name: string): Pid | undefined {
    return this.#registry.whereis(name);
  }

  /** @returns a function that takes the listener off. Listeners must not throw. */
  onChange(listener: (change: ProcessChange) => void): () => void {
    return this.#registry.onChange(listener);
  }

  /** Starts a server without a supervisor. Rejects with the reason when `init` fails or the name is taken. */
  async start(server: AnyServer, options: StartOptions = {}): Promise<Pid> {
    const { process, started } = this.spawn(server, options);
    await started;
    return process.pid;
  }

  /** As `start`, but the process exists at once; `started` settles after `init`. For supervisors. */
  spawn(server: AnyServer, options: StartOptions = {}): { process: ServerProcess; started: Promise<void> } {
    const { name = server.name, args, adopted, supervisor, onExit } = options;
    this.#registry.assertFree(name);
    const held = options.suspended === true || this.stage === 'suspended';
    const process = new ServerProcess(this.#nextPid(), server, this.#host, {
      name,
      supervisor,
      held,
      onExit,
    });
    this.#registry.addServer(process, !held);
    return { process, started: process.boot(args, adopted) };
  }

  /** Ends a server in order: after the callback at work, through `terminate`; by force after `timeoutMs`. */
  async stop(name: string, reason = 'normal', timeoutMs = DEFAULT_CALL_TIMEOUT_MS): Promise<void> {
    await this.#registry.requireServer(name).shutdown(reason, timeoutMs);
  }

  /** Asks a server. Rejects with an `ExitError`: `{noproc, Name}`, `{timeout, Name}`, or the reason of the server's end. */
  call(name: string, request: unknown, timeoutMs: number = DEFAULT_CALL_TIMEOUT_MS): Promise<unknown> {
    return this.#router.call(name, request, timeoutMs);
  }

  /** A message to the process itself, answered in its turn: proves that the server takes messages. Rejects as `call` does. */
  async ping(name: string, timeoutMs: number = DEFAULT_CALL_TIMEOUT_MS): Promise<void> {
    await this.#router.call(name, undefined, timeoutMs, 'system');
  }

  /** Tells a server; never fails, a cast to nobody is dropped. */
  cast(name: string, message: unknown): void {
    this.#router.post('cast', name, message);
  }

  /** Sends a plain message, for `handleInfo`; never fails. */
  send(name: string, message: unknown): void {
    this.#router.post('info', name, message);
  }

  /** Answers a call that was taken with `noreply`; a second or late answer is dropped. */
  replyTo(from: From, value: unknown): void {
    this.#router.replyTo(from, value);
  }

  /** Sends a process a message in `ms`, and every `intervalMs` from then on if given. @returns for `cancelTimer` */
  startTimer(name: string, ms: number, message: unknown, intervalMs?: number): string {
    const ref = this.#nextRef();
    const repeat = intervalMs === undefined ? {} : { intervalMs };
    this.#registry.requireServer(name).timers.add({ ref, remainingMs: ms, message, ...repeat });
    return ref;
  }

  /** @returns whether it was still to come */
  cancelTimer(ref: string): boolean {
    return Array.from(this.#registry.servers.values()).some(({ timers }) => timers.cancel(ref));
  }

  /** `watcher` gets `['DOWN', ref, name, reason]` when `name` ends; at once if there is no such process and no other table to look in. */
  monitor(watcher: string, name: string): string {
    const ref = this.#nextRef();
    this.#monitors.restore(this.#registry.requireServer(watcher), { ref, name });
    this.#fireMissingMonitors();
    return ref;
  }

  demonitor(ref: string): boolean {
    return this.#monitors.remove(ref);
  }

  /**
   * Brings all servers to rest. Rejects with `{server_busy, Name}` when one is at work past the deadline, and with
   * `{suspend_failed, Name}` when a `suspended` hook fails; all go on then.
   */
  suspend(options: SuspendOptions): Promise<void> {
    return this.#suspension.suspend(options);
  }

  /** Undoes `suspend`, a suspended start and `takeBack`. Resolves when the `resumed` hooks are done. */
  async resume(): Promise<void> {
    this.#registry.announceAll();
    this.#fireMissingMonitors();
    await this.#suspension.resume();
  }

  /** Processes that start from now on are suspended until `resume`. */
  startSuspended(): void {
    this.#suspension.startSuspended();
  }

  /** All that the suspended servers are; of `names` only, if given. @throws ExitError `{not_suspended, Name}` */
  snapshot(names?: Iterable<string>): ServerSnapshot[] {
    return snapshotAll(this.#registry.servers, names);
  }

  /**
   * After the commit, on the side that hands over: the servers of which a snapshot was taken (or `names` of them) turn into
   * shells of status `moved`. No monitor fires. Call `resume` then if others stay.
   */
  markMoved(names?: Iterable<string>): void {
    for (const process of markMoved(this.#registry.servers, names)) this.#registry.markMoved(process);
  }

  /** Fills shells again, suspended until `resume`; a server whose shell is gone is started anew by its supervisor. */
  takeBack(snapshots: Iterable<ServerSnapshot>): Promise<TakenBack> {
    return takeBack(this.#registry.servers, this.#adopters, snapshots);
  }

  /** A message that another table forwarded. A call to an unknown name is answered with `noproc`. */
  deliver(name: string, envelope: Envelope): void {
    this.#router.deliver(name, envelope);
  }

  /** An answer from another table to a call of this one. One that nobody waits for is dropped. */
  settle(from: From, outcome: Outcome): void {
    this.#router.settle(from, outcome);
  }

  /** Fails all calls to servers that are elsewhere: the other side is gone. */
  rejectForwarded(reason: string, message: string): void {
    this.#router.rejectForwarded(reason, message);
  }

  /** For supervisors. */
  allocatePid(): Pid {
    return this.#nextPid();
  }

  /** For supervisors. @throws ExitError `{already_started, Name}` */
  addSupervisor(supervisor: SupervisorProcess): void {
    this.#registry.assertFree(supervisor.name);
    this.#registry.addSupervisor(supervisor, this.stage !== 'suspended');
  }

  /** For supervisors. */
  removeSupervisor(supervisor: SupervisorProcess, error: ExitError): void {
    this.#registry.remove(supervisor, 'supervisor', error);
  }

  /** For supervisors: how `takeBack` starts a child whose shell is gone; undefined when it no longer can. */
  setAdopter(name: string, adopter: Adopter | undefined): void {
    if (adopter) this.#adopters.set(name, adopter);
    else this.#adopters.delete(name);
  }

  /** For supervisors: work outside of any callback has ended. */
  settled(): void {
    this.#suspension.check();
  }

  #nextRef(): string {
    this.#lastRef += 1;
    return `#Ref<${this.origin}.${this.#lastRef}>`;
  }

  #fireMissingMonitors(): void {
    if (!this.#router.reachesOthers) this.#monitors.fireMissing((name) => this.whereis(name) !== undefined);
  }

  #makeHost(): ProcessHost {
    const router = this.#router;
    const suspension = this.#suspension;
    const queue = new RunQueue();
    const persistence = (): PersistencePort | undefined => this.#persistence;
    return {
      table: this,
      get persistence() {
        return persistence();
      },
      monitors: this.#monitors,
      deferred: router.deferred,
      get draining() {
        return suspension.stage === 'draining';
      },
      schedule: (process) => queue.add(process),
      answer: (from, value) => router.answer(from, value),
      refuse: (from, error) => router.refuse(from, error),
      defer: (from, by) => router.defer(from, by),
      forward: (name, envelope) => router.forward(name, envelope),
      unregister: (process, error) => this.#registry.remove(process, 'server', error),
      forget: (process) => this.#registry.forget(process),
      settled: () => suspension.check(),
    };
  }
}

/** The process table of this OS process, which the module's functions use outside of servers. */
export const processes = new ProcessTable();
