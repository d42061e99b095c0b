/**
 * What a server is at any time, and its end. It ends once: whatever settles later is ignored. The end itself runs in the context
 * of no process, since supervisors and listeners hear of it.
 */
import type { AsyncResource } from 'node:async_hooks';
import { afterMs } from './after-ms.ts';
import { terminateWithin } from './callbacks.ts';
import { scopeOf } from './current-process.ts';
import { describeEnvelope, type Envelope, type From } from './envelope.ts';
import { ExitError } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import type { HostedProcess } from './hosted-process.ts';
import { Mailbox } from './mailbox.ts';
import type { Pid } from './pid.ts';
import type { ProcessHost, ProcessOptions, ProcessStatus } from './process-host.ts';
import { ProcessTimers } from './process-timers.ts';
import { ServerStates } from './server-states.ts';

/** How long `terminate` may take where nobody who ends the process sets a limit, in ms. */
const TERMINATE_LIMIT_MS = 5000;

/**
 * starting: `init`, loading or adoption is under way; messages wait.
 * ready: takes messages, or would if it were not suspended.
 * ending: `terminate` is under way; messages wait and will fail.
 * ended: for good; unregistered.
 * moved: a shell; the server lives in another table, messages are passed on.
 */
type Phase = 'starting' | 'ready' | 'ending' | 'ended' | 'moved';

export abstract class ProcessCore implements HostedProcess {
  readonly pid: Pid;
  readonly name: string;
  readonly host: ProcessHost;
  readonly table: object;
  readonly supervisor: string | undefined;
  readonly startedAt = Date.now();
  readonly mailbox = new Mailbox();
  readonly timers: ProcessTimers;
  /** Exit signals become messages. */
  trapsExits = false;
  /** A callback is at work. */
  busy = true;
  /** Suspended with the table: takes no message until `release`. */
  held: boolean;
  handled = 0;
  protected readonly scope: AsyncResource;
  protected readonly onExit: ((error: ExitError) => void) | undefined;
  protected definition: AnyServer;
  protected states: ServerStates;
  protected phase: Phase = 'starting';
  protected state: unknown;
  /** Suspended by `sys`: takes only messages to the process itself. */
  protected sysSuspended = false;
  protected current: Envelope | undefined;
  protected currentAnswered = false;
  protected hook: string | undefined = 'init';
  protected booted = false;
  protected wanted: ExitError | undefined;
  protected exitError: ExitError | undefined;
  protected readonly whenEnded: (() => void)[] = [];
  protected terminateLimitMs = TERMINATE_LIMIT_MS;

  constructor(pid: Pid, server: AnyServer, host: ProcessHost, options: ProcessOptions) {
    this.pid = pid;
    this.definition = server;
    this.host = host;
    this.table = host.table;
    this.name = options.name ?? pid;
    this.supervisor = options.supervisor;
    this.held = options.held;
    this.onExit = options.onExit;
    this.timers = new ProcessTimers(options.held, (message) =>
      this.post({ kind: 'info', body: message, origin: 'outside', from: undefined }),
    );
    this.scope = scopeOf(this);
    this.states = this.statesOf(server);
  }

  abstract post(envelope: Envelope): void;

  abstract takesEarly(from: From, value: unknown): boolean;

  get server(): AnyServer {
    return this.definition;
  }

  get stateNow(): unknown {
    return this.state;
  }

  /** It takes messages only if it is spoken to by `sys`. */
  get isSysSuspended(): boolean {
    return this.sysSuspended;
  }

  is(phase: Phase): boolean {
    return this.phase === phase;
  }

  get status(): ProcessStatus {
    if (this.is('moved')) return 'moved';
    if (this.busy) return 'running';
    return this.held || this.sysSuspended ? 'suspended' : 'waiting';
  }

  /** What it is at: `call increment`, `init`, `terminate`. */
  get task(): string | undefined {
    if (!this.busy) return undefined;
    return this.current ? describeEnvelope(this.current) : this.hook;
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
    this.terminateLimitMs = Number.POSITIVE_INFINITY; // `ended` keeps the limit
    if (!this.busy) this.end(this.wanted);
    return this.ended(limit);
  }

  /** Ends at once, without `terminate`: an exit signal that is not trapped. */
  die(error: ExitError): void {
    this.finalise(error);
  }

  /** Resolves when the process has ended, which it does by force after `limit` ms. */
  protected ended(limit: number | 'brutal_kill'): Promise<void> {
    if (this.is('ended')) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = afterMs(limit === 'brutal_kill' ? Number.POSITIVE_INFINITY : limit, () => this.kill());
      this.whenEnded.push(() => {
        cancel();
        resolve();
      });
    });
  }

  protected statesOf(server: AnyServer): ServerStates {
    const { scope, name, host } = this;
    return new ServerStates(name, server, host.persistence, (callback) => scope.runInAsyncScope(callback));
  }

  /** Ends through `terminate`. A call at work gets `answer` where there is one. */
  protected end(error: ExitError, ...answer: [] | [unknown]): void {
    const { callbacks } = this.definition;
    this.phase = 'ending';
    this.busy = true;
    if (callbacks.terminate === undefined) {
      this.finalise(error, ...answer);
      return;
    }
    this.hook = 'terminate';
    const terminate = () => this.scope.runInAsyncScope(() => callbacks.terminate?.(error.reason, this.state));
    void terminateWithin(this.terminateLimitMs, terminate, error).then((end) =>
      this.finalise(end, ...answer),
    );
  }

  protected kill(): void {
    this.finalise(new ExitError('killed', 'it did not end in time and was given up.'));
  }

  protected finalise(error: ExitError, ...answer: [] | [unknown]): void {
    if (this.is('ended')) return;
    this.phase = 'ended';
    this.exitError = error;
    this.busy = false;
    this.host.outside(() => this.tellTheEnd(error, answer));
  }

  protected tellTheEnd(error: ExitError, answer: [] | [unknown]): void {
    this.host.unregister(this, error);
    const from = this.current?.from;
    if (from && answer.length === 1) this.host.answer(from, answer[0]);
    else if (from && !this.currentAnswered) this.host.refuse(from, error);
    for (const waiting of this.mailbox.clear()) if (waiting.from) this.host.refuse(waiting.from, error);
    for (const deferred of this.host.deferred.of(this)) this.host.refuse(deferred, error);
    this.dropHoldings();
    this.host.registrations.drop(this.pid);
    this.host.monitors.fire(this, error.reason);
    if (this.booted) this.onExit?.(error);
    this.host.signals.ended(this, error.reason);
    for (const tell of this.whenEnded.splice(0)) tell();
    this.host.settled();
  }

  protected dropShell(): void {
    this.phase = 'ended';
    this.host.registrations.drop(this.pid);
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
