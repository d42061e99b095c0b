/**
 * The message loop and the end of a server: a mailbox, a state, and at most one callback at work at any time. Whatever a
 * callback throws ends the process and nothing else; whatever settles after the process has ended is ignored.
 */
import type { AsyncResource } from 'node:async_hooks';
import { dispatch, type HandlerResult, isResultFor, isThenable, terminateWithin } from './callbacks.ts';
import { scopeOf } from './current-process.ts';
import { describeEnvelope, type Envelope } from './envelope.ts';
import { ExitError, exitOf, exitTuple } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import type { HostedProcess } from './hosted-process.ts';
import { Mailbox } from './mailbox.ts';
import type { Pid } from './pid.ts';
import type { ProcessHost, ProcessOptions, ProcessStatus } from './process-host.ts';
import { ProcessTimers } from './process-timers.ts';
import { ServerStates } from './server-states.ts';

/** How long `terminate` may take where no supervisor sets a limit, in ms. */
const TERMINATE_LIMIT_MS = 5000;

/**
 * starting: `init`, loading or adoption is under way; messages wait.
 * ready: takes messages, or would if it were not suspended.
 * ending: `terminate` is under way; messages wait and will fail.
 * ended: for good; unregistered.
 * moved: a shell; the server lives in another table, messages are passed on.
 */
type Phase = 'starting' | 'ready' | 'ending' | 'ended' | 'moved';

export class ProcessCore implements HostedProcess {
  readonly pid: Pid;
  readonly name: string;
  readonly server: AnyServer;
  readonly host: ProcessHost;
  readonly table: object;
  readonly supervisor: string | undefined;
  readonly startedAt = Date.now();
  readonly mailbox = new Mailbox();
  readonly timers: ProcessTimers;
  /** A callback is at work. */
  busy = true;
  /** Suspended: takes no message until `release`. */
  held: boolean;
  handled = 0;
  protected readonly scope: AsyncResource;
  protected readonly states: ServerStates;
  protected readonly onExit: ((error: ExitError) => void) | undefined;
  protected phase: Phase = 'starting';
  protected state: unknown;
  protected current: Envelope | undefined;
  protected currentAnswered = false;
  protected hook: string | undefined = 'init';
  protected queued = false;
  protected booted = false;
  protected wanted: ExitError | undefined;
  protected exitError: ExitError | undefined;
  protected readonly whenEnded: (() => void)[] = [];

  constructor(pid: Pid, server: AnyServer, host: ProcessHost, options: ProcessOptions) {
    this.pid = pid;
    this.server = server;
    this.host = host;
    this.table = host.table;
    this.name = options.name ?? server.name;
    this.supervisor = options.supervisor;
    this.held = options.held;
    this.onExit = options.onExit;
    this.timers = new ProcessTimers(options.held, (message) =>
      this.post({ kind: 'info', body: message, origin: 'outside', from: undefined }),
    );
    const scope = scopeOf(this);
    this.scope = scope;
    this.states = new ServerStates(this.name, server, host.persistence, (callback) =>
      scope.runInAsyncScope(callback),
    );
  }

  is(phase: Phase): boolean {
    return this.phase === phase;
  }

  get status(): ProcessStatus {
    if (this.is('moved')) return 'moved';
    if (this.busy) return 'running';
    return this.held ? 'suspended' : 'waiting';
  }

  /** What it is at: `call increment`, `init`, `terminate`. */
  get task(): string | undefined {
    return this.current ? describeEnvelope(this.current) : this.busy ? this.hook : undefined;
  }

  post(envelope: Envelope): void {
    if (this.is('moved')) {
      this.host.forward(this.name, envelope);
      return;
    }
    this.mailbox.push(envelope);
    if (!this.busy && !this.held) this.wake();
  }

  wake(): void {
    if (this.queued || this.mailbox.length === 0) return;
    this.queued = true;
    this.host.schedule(this);
  }

  /** Handles one message. Called by the run queue only. */
  run(): void {
    this.queued = false;
    if (!this.is('ready') || this.busy || this.held) return;
    const envelope = this.host.draining ? this.mailbox.shiftFromServer() : this.mailbox.shift();
    if (envelope === undefined) return;
    if (envelope.kind === 'system') {
      this.answerSystem(envelope);
      return;
    }
    this.busy = true;
    this.current = envelope;
    this.currentAnswered = false;
    try {
      const result = this.scope.runInAsyncScope(
        dispatch,
        undefined,
        this.server.callbacks,
        envelope,
        this.state,
      );
      if (isThenable(result)) void this.finishLater(envelope, result);
      else this.finish(envelope, result);
    } catch (error) {
      this.fail(error);
    }
  }

  protected answerSystem({ from }: Envelope): void {
    if (from) this.host.answer(from, 'pong');
    this.wake();
  }

  /** The call that is being handled was answered by `replyTo`. */
  markAnswered(ref: number, origin: string): void {
    const from = this.current?.from;
    if (from?.ref === ref && from.origin === origin) this.currentAnswered = true;
  }

  /** Ends the process as a supervisor does: after the callback at work, through `terminate`, within `limit` ms. */
  shutdown(reason: string, limit: number | 'brutal_kill'): Promise<void> {
    if (this.is('moved')) this.dropShell();
    if (limit === 'brutal_kill') this.kill();
    if (this.is('ended')) return Promise.resolve();
    this.wanted ??= new ExitError(reason);
    if (!this.busy) this.end(this.wanted);
    return this.ended(limit);
  }

  /** Resolves when the process has ended, which it does by force after `limit` ms. */
  protected ended(limit: number | 'brutal_kill'): Promise<void> {
    if (this.is('ended')) return Promise.resolve();
    return new Promise((resolve) => {
      const finite = typeof limit === 'number' && Number.isFinite(limit);
      const timer = finite ? setTimeout(() => this.kill(), limit) : undefined;
      this.whenEnded.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  protected async finishLater(envelope: Envelope, result: PromiseLike<unknown>): Promise<void> {
    try {
      this.finish(envelope, await result);
    } catch (error) {
      this.fail(error);
    }
  }

  protected finish(envelope: Envelope, result: unknown): void {
    if (!this.is('ready')) return;
    if (!isResultFor(envelope, result)) this.end(this.badReturn(envelope));
    else if (this.server.callbacks.persist && result.state !== this.state) {
      void this.saveThenApply(envelope, result);
    } else this.apply(envelope, result);
  }

  protected badReturn(envelope: Envelope): ExitError {
    const message = `the handler of '${describeEnvelope(envelope)}' returned none of reply, noreply, stop; return one.`;
    return exitTuple('bad_return_value', this.name, message);
  }

  protected async saveThenApply(envelope: Envelope, result: HandlerResult): Promise<void> {
    try {
      await this.states.save(result.state);
      if (this.is('ready')) this.apply(envelope, result);
    } catch (error) {
      this.fail(error);
    }
  }

  protected apply({ from }: Envelope, result: HandlerResult): void {
    this.state = result.state;
    this.handled += 1;
    if (result.kind === 'stop') {
      this.end(new ExitError(result.reason), ...result.answer);
      return;
    }
    if (from !== undefined) {
      if (result.kind === 'reply') this.host.answer(from, result.value);
      else if (!this.currentAnswered) this.host.defer(from, this);
    }
    this.rest();
  }

  protected rest(): void {
    if (this.wanted) {
      this.end(this.wanted);
      return;
    }
    this.busy = false;
    this.current = undefined;
    if (!this.held) this.wake();
    this.host.settled();
  }

  protected fail(error: unknown): void {
    if (this.is('ready')) this.end(exitOf(error));
  }

  /** Ends through `terminate`. A call at work gets `answer` where there is one. */
  protected end(error: ExitError, ...answer: [] | [unknown]): void {
    const { callbacks } = this.server;
    this.phase = 'ending';
    this.busy = true;
    if (callbacks.terminate === undefined) {
      this.finalise(error, ...answer);
      return;
    }
    this.hook = 'terminate';
    const terminate = () => this.scope.runInAsyncScope(() => callbacks.terminate?.(error.reason, this.state));
    void terminateWithin(TERMINATE_LIMIT_MS, terminate, error).then((end) => this.finalise(end, ...answer));
  }

  protected kill(): void {
    this.finalise(new ExitError('killed', 'it did not end in time and was given up.'));
  }

  protected finalise(error: ExitError, ...answer: [] | [unknown]): void {
    if (this.is('ended')) return;
    this.phase = 'ended';
    this.exitError = error;
    this.busy = false;
    this.host.unregister(this, error);
    const from = this.current?.from;
    if (from && answer.length === 1) this.host.answer(from, answer[0]);
    else if (from && !this.currentAnswered) this.host.refuse(from, error);
    for (const waiting of this.mailbox.clear()) if (waiting.from) this.host.refuse(waiting.from, error);
    for (const deferred of this.host.deferred.of(this)) this.host.refuse(deferred, error);
    this.dropHoldings();
    this.host.monitors.fire(this, error.reason);
    if (this.booted) this.onExit?.(error);
    for (const tell of this.whenEnded.splice(0)) tell();
    this.host.settled();
  }

  protected dropShell(): void {
    this.phase = 'ended';
    this.host.forget(this);
  }

  protected dropHoldings(): void {
    this.state = undefined;
    this.current = undefined;
    this.timers.clear();
    this.host.monitors.drop(this);
    this.host.deferred.drop(this);
  }
}
