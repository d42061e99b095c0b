/**
 * The message loop of a server: at most one message is at work at any time, in order of arrival. Whatever a callback throws ends
 * the process and nothing else.
 */
import { dispatch, type HandlerResult, isResultFor, isThenable } from './callbacks.ts';
import { describeEnvelope, type Envelope } from './envelope.ts';
import { ExitError, exitOf, exitTuple } from './exit-error.ts';
import { ProcessCore } from './process-core.ts';
import type { Signal } from './signals.ts';
import { type TraceEvent, type TraceListener, tell } from './trace.ts';

type TraceDetail = TraceEvent extends infer Event
  ? Event extends TraceEvent
    ? Omit<Event, 'pid' | 'name'>
    : never
  : never;

export abstract class ProcessLoop extends ProcessCore {
  protected tracer: TraceListener | undefined;
  protected queued = false;

  /** Answers a message of `sys` within the process. */
  protected abstract obey(envelope: Envelope): unknown;

  post(envelope: Envelope): void {
    if (this.phase === 'moved') {
      this.host.forward(this.name, envelope);
      return;
    }
    // A suspended process must stay as its snapshot is: a signal waits as messages do.
    if (envelope.kind === 'signal' && !this.held) {
      this.host.signals.receive(this, envelope.body as Signal);
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
    if (this.phase !== 'ready' || this.busy || this.held) return;
    const envelope = this.#next();
    if (envelope === undefined) return;
    if (envelope.kind === 'signal') {
      this.host.signals.receive(this, envelope.body as Signal);
      this.wake();
      return;
    }
    this.busy = true;
    this.current = envelope;
    this.currentAnswered = false;
    this.scope.runInAsyncScope(envelope.kind === 'system' ? this.#serve : this.#handle, this);
  }

  protected get draining(): boolean {
    return this.host.suspension.stage === 'draining';
  }

  #next(): Envelope | undefined {
    if (this.sysSuspended) return this.mailbox.shiftToTheProcess();
    return this.draining ? this.mailbox.shiftFromServer() : this.mailbox.shift();
  }

  /** Runs the callback for the current message, within the process. */
  #handle(): void {
    const envelope = this.current!;
    try {
      if (this.tracer) this.trace({ type: 'in', kind: envelope.kind, message: envelope.body });
      this.settle(envelope, dispatch(this.definition.callbacks, envelope, this.state));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Goes on with what a callback has returned. */
  protected settle(envelope: Envelope, result: unknown): void {
    if (isThenable(result)) void this.#finishLater(envelope, result);
    else this.#finish(envelope, result);
  }

  async #finishLater(envelope: Envelope, result: PromiseLike<unknown>): Promise<void> {
    try {
      this.#finish(envelope, await result);
    } catch (error) {
      this.fail(error);
    }
  }

  #finish(envelope: Envelope, result: unknown): void {
    if (this.phase !== 'ready') return;
    if (!isResultFor(envelope, result)) this.end(this.#badReturn(envelope));
    else if (this.definition.callbacks.persist && result.state !== this.state) {
      void this.#saveThenApply(envelope, result);
    } else this.#apply(envelope, result);
  }

  #badReturn(envelope: Envelope): ExitError {
    const message = `the handler of '${describeEnvelope(envelope)}' returned none of reply, noreply, stop; return one.`;
    return exitTuple('bad_return_value', this.name, message);
  }

  async #saveThenApply(envelope: Envelope, result: HandlerResult): Promise<void> {
    try {
      await this.states.save(result.state);
      if (this.phase === 'ready') this.#apply(envelope, result);
    } catch (error) {
      this.fail(error);
    }
  }

  #apply({ from }: Envelope, result: HandlerResult): void {
    if (this.tracer) this.#traceResult(result);
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

  /** Answers the current message of `sys`. What goes wrong is told to who asked; the process goes on. */
  async #serve(): Promise<void> {
    const { from } = this.current!;
    try {
      const result = this.obey(this.current!);
      const answer = isThenable(result) ? await result : result;
      if (this.phase !== 'ready') return;
      if (from) this.host.answer(from, answer);
    } catch (error) {
      if (this.phase !== 'ready') return;
      if (from) this.host.refuse(from, exitOf(error));
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
    if (this.draining) this.host.settled();
  }

  protected fail(error: unknown): void {
    if (this.is('ready')) this.end(exitOf(error));
  }

  protected trace(detail: TraceDetail): void {
    const { pid, name } = this;
    if (this.tracer) this.tracer = tell(this.tracer, { pid, name, ...detail } as TraceEvent);
  }

  #traceResult(result: HandlerResult): void {
    if (result.kind === 'reply') this.trace({ type: 'out', reply: result.value });
    else if (result.kind === 'stop' && result.answer.length === 1)
      this.trace({ type: 'out', reply: result.answer[0] });
    if (result.state !== this.state) this.trace({ type: 'state', state: result.state });
  }
}
