/**
 * The runners of a node. At most one is active; a new one is started when the active one ends, after a pause that grows
 * while the ends follow each other. Older ones finish their calls and are then parked, or ended when nothing needs them.
 */
import type { Readable } from 'node:stream';
import type { RunnerMessage, RunnerRole, Surface } from '../wire/index.ts';
import { ChangeRelay } from './change-relay.ts';
import type { Log } from './log.ts';
import { hearRehearsal } from './rehearsal-messages.ts';
import { rehydrate } from './rehydration.ts';
import type { Router } from './router.ts';
import type { RunnerEvents } from './runner-options.ts';
import { RunnerProcess } from './runner-process.ts';
import type { Sessions } from './sessions.ts';
import { StoreOpening, type WriteHolder } from './store-opening.ts';
import { forgetRunner, recordRunner } from './survivors.ts';
import { yieldToOthers } from './yield-to-others.ts';

export interface FleetOptions {
  runDir: string;
  /** Folders of the tables, and what else a runner finds in its environment. */
  env: NodeJS.ProcessEnv;
  storeVersion: number;
  heartbeatMs: number;
  writerLockMs: number;
  memoryMb: number;
  /** Deadline for a runner's code to be loaded and its applications to be started. */
  startMs: number;
  backoffMs: { first: number; most: number };
  /** Grace for a runner that is asked to stop. */
  stopMs: number;
  /** The bundle of an installed release. */
  entryOf(vsn: string): Promise<string>;
  /** The newest lens chain that rows may need: passed to each runner. */
  newestAppup(): Promise<string | undefined>;
  output(runner: RunnerProcess, stream: Readable, name: 'stdout' | 'stderr'): void;
  probeWriter(timeoutMs: number): Promise<boolean>;
  /** The host's own writes to the tables. */
  writes: WriteHolder;
  /** Names of processes that a runner has registered or lost. */
  names(runner: RunnerProcess, message: RunnerMessage & { type: 'names' }): void;
  log: Log;
}

/** A runner that stayed up for so long has recovered: the next pause is the first one again. */
const STABLE_MS = 10_000;

const SURFACE_MS = 10_000;

/** The number of the runner in a process's pid: 3 in `<3.12.0>`. */
const MAKER = /^<(\d+)\./;

/** Of the life of this host, whatever becomes of its fleet: pids carry the number. */
let nextRunner = 1;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #router: Router;
  readonly #sessions: Sessions;
  readonly #opening: StoreOpening;
  readonly #runners = new Set<RunnerProcess>();
  readonly #surfaces = new Map<RunnerProcess, Surface>();
  readonly #changes = new ChangeRelay(() => this.#runners);
  #restarts = 0;
  #stopping = false;
  #restart: NodeJS.Timeout | undefined;
  /** What to run when there is no active runner. */
  #wanted: string | undefined;
  /** An upgrade decides that: two of them would bring up two versions. */
  #held = false;
  /** Told of each end, before the fleet does anything about it. */
  onEnded: (runner: RunnerProcess, reason: string) => void = () => {};
  /** Told when a runner begins to serve. */
  onServing: (runner: RunnerProcess) => void = () => {};

  constructor(options: FleetOptions, router: Router, sessions: Sessions) {
    this.#options = options;
    this.#router = router;
    this.#sessions = sessions;
    this.#opening = new StoreOpening(options.writes, () => this.#runners, options.log);
  }

  get runners(): ReadonlySet<RunnerProcess> {
    return this.#runners;
  }

  get active(): RunnerProcess | undefined {
    return this.#router.active;
  }

  surfaceOf(runner: RunnerProcess): Surface | undefined {
    return this.#surfaces.get(runner);
  }

  mayRerun(runner: RunnerProcess, tool: string): boolean {
    const found = this.#surfaces.get(runner)?.tools.find(({ name }) => name === tool);
    return found !== undefined && (found.readOnly || found.idempotent);
  }

  /**
   * Starts a runner and waits until its code is loaded. When the signal aborts before that, or ever for a worker, the runner
   * is not wanted any more and ends.
   * @param data folder of the tables, for the role `rehearse`; default: that of the node
   */
  async spawn(vsn: string, role: RunnerRole, signal?: AbortSignal, data?: string): Promise<RunnerProcess> {
    signal?.throwIfAborted();
    const options = this.#options;
    const entry = await options.entryOf(vsn);
    const appup = await options.newestAppup();
    const runner = new RunnerProcess({
      id: `r${nextRunner++}`,
      vsn,
      entry,
      role,
      storeVersion: options.storeVersion,
      heartbeatMs: options.heartbeatMs,
      writerLockMs: options.writerLockMs,
      memoryMb: options.memoryMb,
      env: {
        ...options.env,
        ...(appup === undefined ? {} : { ERLMCP_APPUP: appup }),
        ...(data === undefined ? {} : { ERLMCP_DATA: data }),
      },
      log: options.log,
      output: options.output,
      events: this.#events,
      probeWriter: options.probeWriter,
    });
    this.#runners.add(runner);
    recordRunner(options.runDir, runner.pid);
    const unwanted = (): void => runner.kill('it is not wanted any more');
    signal?.addEventListener('abort', unwanted, { once: true });
    try {
      await runner.loaded(options.startMs);
      if (role !== 'rehearse') this.#changes.tell(runner);
      // Not before: while it opens the tables all others wait.
      if (role === 'check' || role === 'rehearse') yieldToOthers(runner.pid);
    } catch (error) {
      runner.kill('its code could not be loaded');
      throw error;
    } finally {
      if (!runner.isWorker) signal?.removeEventListener('abort', unwanted);
    }
    return runner;
  }

  readonly #events: RunnerEvents<RunnerProcess> = {
    data: (runner, kind, flags, status, channel, request, payload) =>
      this.#router.data(runner, kind, flags, status, channel, request, payload),
    message: (runner, message) => this.#message(runner, message),
    ended: (runner, reason) => this.#ended(runner, reason),
  };

  #message(runner: RunnerProcess, message: RunnerMessage): void {
    if (runner.role === 'rehearse') hearRehearsal(runner, message, this.#options.log);
    else if (message.type === 'opening') void this.#opening.admit(runner);
    else if (message.type === 'log')
      this.#options.log[message.level](message.message, { runner: runner.id, ...message.fields });
    else if (message.type === 'unhydrated') this.#router.unhydrated(runner, message.channel, message.reason);
    else if (message.type === 'names') this.#options.names(runner, message);
    else if (message.type === 'changes') this.#changes.changed(runner, message.changes);
    else if (message.type === 'subscribed') this.#changes.subscribed(runner, message.tables);
    else if (message.type === 'forward') this.#forward(runner, message);
    else if (message.type === 'settle') {
      const { from, outcome } = message;
      for (const other of this.#runners)
        if (other.id === message.origin) other.send({ type: 'settle', from, outcome });
    }
  }

  #forward(from: RunnerProcess, { name, envelope }: RunnerMessage & { type: 'forward' }): void {
    const home = this.#homeOf(name, from);
    if (home) home.send({ type: 'forward', name, envelope });
    else from.send({ type: 'lost', reason: 'no runner is active' });
  }

  /**
   * Where a message for a process of another runner goes: to the active one. A pid first goes to the runner that made it,
   * where the process may have stayed; if it has moved, that runner passes the message on itself.
   */
  #homeOf(address: string, from: RunnerProcess): RunnerProcess | undefined {
    const maker = MAKER.exec(address)?.[1];
    for (const runner of this.#runners)
      if (runner.id === `r${maker}` && runner !== from && runner.state === 'lingering') return runner;
    return this.active;
  }

  /** Starts the active release fresh, and serves with it. */
  async serve(vsn: string): Promise<RunnerProcess> {
    this.#wanted = vsn;
    const runner = await this.spawn(vsn, 'serve');
    try {
      await runner.call('start', {}, this.#options.startMs);
      runner.holdsServers = true;
      await this.learn(runner);
    } catch (error) {
      runner.kill('its applications could not be started');
      throw error;
    }
    void this.activate(runner);
    return runner;
  }

  /** Asks what the runner's server offers; has to come before it is made active. */
  async learn(runner: RunnerProcess): Promise<Surface> {
    const surface = await runner.call('surface', {}, SURFACE_MS);
    this.#surfaces.set(runner, surface);
    return surface;
  }

  /** The flip: new requests go to this runner at once. The promise resolves when the sessions with an open stream have followed. */
  activate(runner: RunnerProcess): Promise<void> {
    this.#wanted = runner.vsn;
    runner.state = 'serving';
    this.#router.flip(runner);
    this.onServing(runner);
    return this.#rehydrate(runner);
  }

  #rehydrate(runner: RunnerProcess): Promise<void> {
    const listening = [...this.#sessions.live()].filter(
      (session) => session.durable && session.sinks.length > 0,
    );
    return rehydrate(runner, listening, this.#sessions.channels, () => this.#router.active === runner);
  }

  /** While an upgrade runs it decides itself what happens when a runner ends. */
  holdRestarts(): void {
    this.#held = true;
  }

  /** Back to the rule: when there is no active runner, one of this release is started. */
  allowRestarts(vsn: string): void {
    this.#held = false;
    this.#wanted = vsn;
    if (!this.active) this.#scheduleRestart();
  }

  #ended(runner: RunnerProcess, reason: string): void {
    this.#runners.delete(runner);
    forgetRunner(this.#options.runDir, runner.pid);
    const wasActive = this.#router.active === runner;
    const expected = this.#stopping || !wasActive;
    this.#options.log[expected ? 'info' : 'error'](
      `Runner ${runner.id} (${runner.vsn}) has ended: ${reason}`,
    );
    this.onEnded(runner, reason);
    this.#changes.ended(runner);
    if (runner.holdsServers)
      for (const other of this.#runners)
        if (other.state !== 'parked')
          other.send({ type: 'lost', reason: `runner ${runner.id} has ended: ${reason}` });
    this.#router.runnerEnded(runner, reason);
    this.#surfaces.delete(runner);
    if (!wasActive || this.#stopping) return;
    if (Date.now() - runner.startedAt > STABLE_MS) this.#restarts = 0;
    this.#scheduleRestart();
  }

  #scheduleRestart(): void {
    if (this.#wanted === undefined || this.#held || this.#stopping || this.#restart) return;
    const { first, most } = this.#options.backoffMs;
    const pause = this.#restarts === 0 ? 0 : Math.min(most, first * 2 ** (this.#restarts - 1));
    this.#restarts++;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      void this.#restartNow();
    }, pause);
  }

  async #restartNow(): Promise<void> {
    if (this.#wanted === undefined || this.#held || this.#stopping || this.active) return;
    try {
      await this.serve(this.#wanted);
    } catch (error) {
      this.#options.log.error(
        `A runner could not be started: ${error instanceof Error ? error.message : error}`,
      );
      this.#scheduleRestart();
    }
  }

  /** Ends all runners, the active one last. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const others = [...this.#runners].filter((runner) => runner !== this.active);
    await Promise.all(others.map((runner) => runner.stop(this.#options.stopMs)));
    await this.active?.stop(this.#options.stopMs);
  }
}
