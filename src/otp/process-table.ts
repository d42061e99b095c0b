/** The processes of one OS process. This class is the face; names, messages, suspension and hand-over each have their own module. */
import { randomUUID } from 'node:crypto';
import type { Envelope, From } from './envelope.ts';
import { type ExitError, exitOf } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import { type Adopter, markMoved, snapshotAll, type TakenBack, takeBack, withOrigin } from './hand-over.ts';
import { isPid, nodeNumberOf, type Pid, PidSource } from './pid.ts';
import type { PersistencePort, ServerSnapshot } from './ports.ts';
import type { ProcessHost } from './process-host.ts';
import type { InfoOptions, ProcessChange, ProcessInfo, SupervisorProcess } from './process-info.ts';
import { type TreeRow, treeOf } from './process-tree.ts';
import { type LeftOut, ServerProcess } from './server-process.ts';
import { copyStates, type StateCopies } from './state-copies.ts';
import { askSupervisor, requestIn, type SupervisorRequest } from './supervisor-requests.ts';
import { type Stage, type SuspendOptions, Suspension } from './suspension.ts';
import { TableMessages } from './table-messages.ts';
import {
  DEFAULT_CALL_TIMEOUT_MS,
  type ProcessConnection,
  type ProcessTableOptions,
  type StartOptions,
} from './table-options.ts';

/** Processes, their names and their messages. One per OS process in production (`processes`), any number in tests. */
export class ProcessTable extends TableMessages {
  readonly #pids = new PidSource();
  readonly #adopters = new Map<string, Adopter>();
  readonly #suspension: Suspension;
  readonly #host: ProcessHost;
  #persistence: PersistencePort | undefined;
  /** Servers of this table live in another one, which is asked first. */
  #handedOver = false;
  #isRehearsal = false;

  constructor(options: ProcessTableOptions = {}) {
    const { origin = randomUUID(), canForward = true, ...rest } = options;
    super(origin, canForward);
    this.#suspension = new Suspension({
      servers: () => this.registry.servers.values(),
      supervisors: () => this.registry.supervisors.values(),
      resumed: () => {
        for (const supervisor of this.registry.supervisors.values()) supervisor.resumed(!this.#handedOver);
      },
      isWaiting: (pid) => this.router.calls.isWaiting(pid),
    });
    this.#host = this.#makeHost();
    this.connect({ origin, ...rest });
  }

  /**
   * Ties a table that exists already to the world around it. @throws ExitError `{late_connect, Origin}` where that would change
   * the pids of a table that has handed some out
   */
  connect({ origin, node, remote, persistence, isRehearsal = false }: ProcessConnection): void {
    if (origin !== undefined) {
      this.#pids.settle(node ?? nodeNumberOf(origin), origin);
      this.router.origin = origin;
    } else if (node !== undefined) this.#pids.settle(node, this.origin);
    this.router.remote = remote;
    this.#persistence = persistence;
    this.#isRehearsal = isRehearsal;
  }

  /** running, draining (stage 1 of a suspension) or suspended. */
  get stage(): Stage {
    return this.#suspension.stage;
  }

  /** All processes, oldest first. */
  list(options?: InfoOptions): ProcessInfo[] {
    return this.registry.list(options);
  }

  info(address: string, options?: InfoOptions): ProcessInfo | undefined {
    return this.registry.info(address, options);
  }

  /** @returns a function that takes the listener off. One that throws is reported as a warning of Node's. */
  onChange(listener: (change: ProcessChange) => void): () => void {
    return this.registry.onChange(listener);
  }

  /** Starts a server without a supervisor. Rejects with the reason when `init` fails or the name is taken. */
  async start(server: AnyServer, options: StartOptions = {}): Promise<Pid> {
    const { process, started } = this.spawn(server, options);
    await started;
    return process.pid;
  }

  /** As `start`, but the process exists at once; `started` settles after `init`. For supervisors. */
  spawn(server: AnyServer, options: StartOptions = {}): { process: ServerProcess; started: Promise<void> } {
    const {
      name = server.name,
      args,
      adopted,
      supervisor,
      onExit,
      timeout = Number.POSITIVE_INFINITY,
    } = options;
    if (name !== null) this.registry.assertFree(name);
    if (adopted?.pid !== undefined) this.registry.assertFree(adopted.pid);
    const key = name === null ? undefined : this.registrations.keyOf(name);
    const held = options.suspended === true || this.stage === 'suspended';
    const process = new ServerProcess(adopted?.pid ?? this.#pids.next(), server, this.#host, {
      name: name === null || key !== undefined || isPid(name) ? undefined : name,
      supervisor,
      held,
      onExit,
    });
    this.registry.addServer(process, !held);
    if (key !== undefined) this.registrations.register(process.pid, key);
    return { process, started: process.boot(args, adopted, timeout) };
  }

  /** Ends a server in order: after the callback at work, through `terminate`; by force after `timeoutMs`. */
  async stop(name: string, reason = 'normal', timeoutMs = DEFAULT_CALL_TIMEOUT_MS): Promise<void> {
    await this.registry.requireServer(name).shutdown(reason, timeoutMs);
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
    this.registry.announceAll();
    this.fireMissingMonitors();
    await this.#suspension.resume();
  }

  /** Processes that start from now on are suspended until `resume`. */
  startSuspended(): void {
    this.#suspension.startSuspended();
  }

  /** All that the suspended servers are; of `names` only, if given. @throws ExitError `{not_suspended, Name}` */
  snapshot(names?: Iterable<string>): ServerSnapshot[] {
    const { servers, supervisors } = this.registry;
    return snapshotAll(servers, names).map((snapshot) => withOrigin(snapshot, servers, supervisors));
  }

  /** What the servers are now, each read in its turn while all go on; one that does not come to it in `timeoutMs` is named. */
  copyStates(timeoutMs: number): Promise<StateCopies> {
    const { servers, supervisors } = this.registry;
    return copyStates(servers, supervisors, ({ pid }) => this.system(pid, ['get_state'], timeoutMs));
  }

  /** What is left out of a server because the table is a rehearsal. */
  leavesOut(name: string): LeftOut {
    return this.registry.find(name)?.leavesOut ?? 'nothing';
  }

  /**
   * After the commit, on the side that hands over: the servers of which a snapshot was taken (or `names` of them) turn into
   * shells of status `moved`. No monitor fires. Call `resume` then if others stay.
   */
  markMoved(names?: Iterable<string>): void {
    for (const process of markMoved(this.registry.servers, names)) this.registry.markMoved(process);
    this.#handedOver = true;
  }

  /** Fills shells again, suspended until `resume`; a server whose shell is gone is started anew by its supervisor. */
  takeBack(snapshots: Iterable<ServerSnapshot>): Promise<TakenBack> {
    this.#handedOver = false;
    return takeBack(this.registry.servers, this.#adopters, snapshots);
  }

  /** A message that another table forwarded. A call to an unknown name is answered with `noproc`. */
  override deliver(name: string, envelope: Envelope): void {
    const supervisor = this.registry.findSupervisor(name);
    const request = requestIn(envelope);
    if (supervisor && request && envelope.from) {
      this.#answerLater(envelope.from, supervisor.request(request));
      return;
    }
    super.deliver(name, envelope);
  }

  /** All supervision trees, flat: each supervisor is followed by its children. */
  tree(): TreeRow[] {
    return treeOf(this.registry.supervisors.values());
  }

  /** Asks a supervisor by name or pid. Once its servers have been handed over, that of the other side. Rejects with `{noproc, Name}`. */
  askSupervisor(address: string, request: SupervisorRequest): Promise<unknown> {
    const here = this.registry.findSupervisor(address);
    const goesOut = (this.#handedOver || here === undefined) && this.router.reachesOthers;
    const there = () => this.router.call(address, request, Number.POSITIVE_INFINITY);
    return askSupervisor(address, request, here, goesOut ? there : undefined);
  }

  /** For supervisors. */
  allocatePid(): Pid {
    return this.#pids.next();
  }

  /** For supervisors. @throws ExitError `{already_started, Name}` */
  addSupervisor(supervisor: SupervisorProcess): void {
    this.registry.assertFree(supervisor.name);
    this.registry.addSupervisor(supervisor, this.stage !== 'suspended');
  }

  /** For supervisors. */
  removeSupervisor(supervisor: SupervisorProcess, error: ExitError): void {
    this.registry.remove(supervisor, 'supervisor', error);
    this.signals.ended(supervisor, error.reason);
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

  #answerLater(from: From, answer: Promise<unknown>): void {
    answer.then(
      (value) => this.router.answer(from, value),
      (error: unknown) => this.router.refuse(from, exitOf(error)),
    );
  }

  #makeHost(): ProcessHost {
    const router = this.router;
    const suspension = this.#suspension;
    const queue = router.queue;
    const persistence = (): PersistencePort | undefined => this.#persistence;
    const isRehearsal = (): boolean => this.#isRehearsal;
    return {
      table: this,
      get persistence() {
        return persistence();
      },
      get isRehearsal() {
        return isRehearsal();
      },
      monitors: this.monitors,
      deferred: router.deferred,
      signals: router.signals,
      registrations: this.registry.registrations,
      suspension,
      schedule: (process) => queue.add(process),
      openCall: (from, address, timeoutMs, caller) => router.calls.open(from, address, timeoutMs, caller),
      outside: (action) => queue.outside(action),
      answer: (from, value) => router.answer(from, value),
      refuse: (from, error) => router.refuse(from, error),
      defer: (from, by) => router.defer(from, by),
      forward: (name, envelope) => router.forward(name, envelope),
      unregister: (process, error) => this.registry.remove(process, 'server', error),
      forget: (process) => this.registry.forget(process),
      settled: () => suspension.check(),
    };
  }
}

/** The process table of this OS process, which the module's functions use outside of servers. */
export const processes = new ProcessTable();
