/**
 * One runner, seen from the host: a child process on an inherited socket pair. Its state moves forward only, but for
 * `parked`, from which a rollback wakes it. When the process ends, whoever waits for it is told at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CallError,
  type FrameKind,
  type HostMessage,
  Link,
  type RunnerCallName,
  type RunnerCalls,
  type RunnerMessage,
  type RunnerRole,
  type TableProgress,
  WIRE_VERSION,
} from '../wire/index.ts';
import type { RunnerOptions, RunnerState } from './runner-options.ts';

type Loaded = RunnerMessage & { type: 'loaded' };

/** A beat that is late by so many tells of the host, not of the runner. */
const LATE_BEATS = 4;

/** From the break of a connection to the report that its process has ended. */
const REAPED_MS = 500;

export class RunnerProcess {
  readonly id: string;
  readonly vsn: string;
  readonly role: RunnerRole;
  readonly startedAt = Date.now();
  /** Whether its servers are here: false for shells that pass messages on, and before they are started. */
  holdsServers = false;
  /** Requests and handlers of cancelled requests that this runner has not finished. */
  inFlight = 0;
  /** The channel of revision 2026-07-28; 0 until it is opened. */
  sharedChannel = 0;
  #nextChannel = 1;
  #state: RunnerState = 'starting';
  #heardAt = performance.now();
  #probing = false;
  #servedBefore = false;
  #declaration: Loaded | undefined;
  #endReason: string | undefined;
  /** Why its connection broke, which says less than how the process ended. */
  #broken: string | undefined;
  readonly #options: RunnerOptions<RunnerProcess>;
  readonly #child: ChildProcess;
  readonly #link: Link<HostMessage, RunnerMessage, RunnerCalls>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #beatMs: number;
  #beatAt = performance.now();
  readonly #waiters: { resolve(declaration: Loaded): void; reject(error: Error): void }[] = [];
  readonly ended: Promise<string>;
  readonly #storeOpened = Promise.withResolvers<void>();

  constructor(options: RunnerOptions<RunnerProcess>) {
    this.#options = options;
    this.id = options.id;
    this.vsn = options.vsn;
    this.role = options.role;
    this.#child = spawn(process.execPath, [`--max-old-space-size=${options.memoryMb}`, options.entry], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...options.env, ERLMCP_ROLE: options.role },
    });
    options.output(this, this.#child.stdout!, 'stdout');
    options.output(this, this.#child.stderr!, 'stderr');
    this.#link = new Link(this.#child.stdio[3] as unknown as Duplex, {
      batch: () => {
        this.#heardAt = performance.now();
      },
      data: (kind, flags, status, channel, request, payload) =>
        options.events.data(this, kind, flags, status, channel, request, payload),
      message: (message) => this.#message(message),
      closed: (error) => {
        if (error) this.#breaks(error);
      },
    });
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        if (this.#state === 'ended') return;
        this.#end(reason);
        resolve(this.#endReason ?? reason);
      };
      this.#child.once('error', (error) => end(`it could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) => end(this.#whyItEnded(code, signal)));
    });
    this.#beatMs = Math.max(50, Math.floor(options.heartbeatMs / 10));
    this.#heartbeat = setInterval(() => this.#beat(), this.#beatMs);
    this.#link.send({
      type: 'hello',
      wire: WIRE_VERSION,
      store: options.storeVersion,
      runner: options.id,
      role: options.role,
    });
  }

  /** Told how far a call has come that goes through whole tables; a few times a second. */
  onProgress: (progress: TableProgress) => void = () => {};

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it works for the node beside the one that serves, and has no processes of the applications. */
  get isWorker(): boolean {
    return this.role === 'check' || this.role === 'tend' || this.role === 'rehearse';
  }

  /** How lists name it: two runners of one version can live at the same time. */
  get where(): string {
    return `runner ${this.vsn} (${this.id})`;
  }

  get state(): RunnerState {
    return this.#state;
  }

  /** Whether it has been the active runner: its servers have shells to go back to. */
  get servedBefore(): boolean {
    return this.#servedBefore;
  }

  set state(next: RunnerState) {
    if (this.#state === 'ended' || this.#state === next) return;
    if (next === 'serving') this.#servedBefore = true;
    this.#options.log.info(`Runner ${this.id} (${this.vsn}) is ${next}`, { pid: this.pid });
    this.#state = next;
    this.#heardAt = performance.now();
  }

  /** Resolves when the runner has the tables open. */
  get storeOpened(): Promise<void> {
    return this.#storeOpened.promise;
  }

  get declaration(): Loaded {
    if (!this.#declaration) throw new Error(`runner ${this.id} has not loaded its code yet`);
    return this.#declaration;
  }

  /** Bytes that the runner has not taken yet. */
  get backlog(): number {
    return this.#link.backlog;
  }

  newChannel(): number {
    return this.#nextChannel++;
  }

  data(kind: FrameKind, channel: number, request: number, payload: Buffer): void {
    this.#link.data(kind, 0, 0, channel, request, payload);
  }

  send(message: HostMessage): void {
    this.#link.send(message);
  }

  /** @throws CallError what the runner says; `{timeout, Name}`; `{runner_ended}`, with how it ended */
  async call<Name extends RunnerCallName>(
    name: Name,
    params: RunnerCalls[Name][0],
    deadlineMs: number,
  ): Promise<RunnerCalls[Name][1]> {
    try {
      return (await this.#link.call(name, params as never, deadlineMs)) as RunnerCalls[Name][1];
    } catch (error) {
      throw error instanceof CallError ? error : await this.#lost(error as Error);
    }
  }

  /** The connection broke, most often because the process has ended: how it did is known a moment later. */
  async #lost(error: Error): Promise<CallError> {
    const reason = await Promise.race([this.ended, delay(REAPED_MS, error.message, { ref: false })]);
    return new CallError({ reason: '{runner_ended}', message: `runner ${this.id} has ended: ${reason}` });
  }

  /** Resolves when the code is loaded; rejects when loading fails, the process ends, or the deadline passes. */
  loaded(deadlineMs: number): Promise<Loaded> {
    if (this.#declaration) return Promise.resolve(this.#declaration);
    if (this.#state === 'ended') return Promise.reject(new Error(this.#endReason));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new CallError({
              reason: '{timeout, load}',
              message: `the code was not loaded within ${deadlineMs} ms`,
            }),
          ),
        deadlineMs,
      );
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.#waiters.push({ resolve: done(resolve), reject: done(reject) });
    });
  }

  #message(message: RunnerMessage): void {
    if (message.type === 'pong') return;
    if (message.type === 'opened') {
      this.#storeOpened.resolve();
      return;
    }
    if (message.type === 'progress') {
      this.onProgress(message.progress);
      return;
    }
    if (message.type === 'hello') {
      if (message.wire !== WIRE_VERSION || message.store !== this.#options.storeVersion)
        this.#refuse({
          reason: '{wire_version, ...}',
          message: `it speaks wire version ${message.wire} and store version ${message.store}, this node ${WIRE_VERSION} and ${this.#options.storeVersion}`,
        });
      return;
    }
    if (message.type === 'loaded') {
      this.#declaration = message;
      this.state = 'loaded';
      for (const waiter of this.#waiters.splice(0)) waiter.resolve(message);
      return;
    }
    if (message.type === 'failed') this.#refuse(message.failure);
    this.#options.events.message(this, message);
  }

  #refuse(failure: { reason: string; message: string }): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new CallError(failure));
    this.kill(failure.message);
  }

  /** A silent runner is ended after the heartbeat's time, or much sooner when it keeps others from writing. */
  #beat(): void {
    const now = performance.now();
    const stoodMs = Math.round(now - this.#beatAt);
    this.#beatAt = now;
    if (this.#state === 'parked' || this.#state === 'ended') return;
    // The host itself stood still, and has not read yet what came meanwhile.
    if (stoodMs > LATE_BEATS * this.#beatMs) {
      this.#heardAt = now;
      this.#options.log.info(`The host stood still for ${stoodMs} ms`, { runner: this.id });
    }
    const silentMs = Math.round(now - this.#heardAt);
    const limit = this.#state === 'starting' ? this.#options.heartbeatMs * 4 : this.#options.heartbeatMs;
    if (silentMs > limit) this.kill(`it missed its heartbeat for ${silentMs} ms`);
    // One that only checks has the tables open for reading, one that rehearses has others.
    else if (this.role !== 'check' && this.role !== 'rehearse' && silentMs > this.#options.writerLockMs / 2)
      void this.#checkLock();
    this.#link.send({ type: 'ping', at: Date.now() });
  }

  async #checkLock(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    const silentSince = this.#heardAt;
    const free = await this.#options.probeWriter(this.#options.writerLockMs).catch(() => true);
    this.#probing = false;
    if (!free && this.#heardAt === silentSince && this.#state !== 'parked')
      this.kill(`it held the writer lock of the tables for more than ${this.#options.writerLockMs} ms`);
  }

  /** Stops the process where it stands; it keeps its memory and costs no time. */
  park(): void {
    this.state = 'parked';
    this.#child.kill('SIGSTOP');
  }

  wake(state: RunnerState): void {
    this.#child.kill('SIGCONT');
    this.state = state;
  }

  #breaks(error: Error): void {
    this.#broken = error.message;
    this.#child.kill('SIGKILL');
  }

  #whyItEnded(code: number | null, signal: NodeJS.Signals | null): string {
    if (signal === 'SIGKILL' && this.#broken) return `its connection broke: ${this.#broken}`;
    return signal ? `it was ended by ${signal}` : `it exited with code ${code}`;
  }

  /** Ends the process at once. */
  kill(reason: string): void {
    if (this.#state === 'ended') return;
    this.#endReason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Asks the runner to stop its applications; forces it after the grace period. */
  async stop(graceMs: number): Promise<void> {
    if (this.#state === 'ended') return;
    this.#endReason ??= 'it was stopped';
    if (this.#state === 'parked') this.kill('it was stopped');
    else await this.call('stop', { graceMs }, graceMs).catch(() => undefined);
    this.kill('it was stopped');
    await this.ended;
  }

  #end(reason: string): void {
    this.#endReason ??= reason;
    this.#state = 'ended';
    clearInterval(this.#heartbeat);
    const error = new CallError({
      reason: '{runner_ended}',
      message: `runner ${this.id} has ended: ${this.#endReason}`,
    });
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    this.#link.close();
    this.#options.events.ended(this, this.#endReason);
  }
}
