/**
 * The short way of a call to a server that has nothing to do. Nothing is put into a mailbox, a queue or the table's open calls: the
 * server handles the call in the next microtask, whose own promise is that of the answer. What is not answered by then (an async
 * handler, `noreply`, an end, a suspension in between) becomes a call like any other. Order is kept: what is sent meanwhile
 * waits in the mailbox, behind it.
 */
import type { From, Origin } from './envelope.ts';
import type { ExitError } from './exit-error.ts';
import type { Pid } from './pid.ts';
import { ProcessLoop } from './process-loop.ts';
import type { Reply } from './results.ts';

const SETTLED = Promise.resolve();
/** The answer is still to come: that of the open call. */
const LATER = Symbol('later');

const isReply = (result: unknown): result is Reply<unknown, unknown> =>
  typeof result === 'object' && result !== null && (result as { kind?: unknown }).kind === 'reply';

export abstract class CallLane extends ProcessLoop {
  /** The current call came this way, and is not among the table's open calls. */
  #first = false;
  #address = '';
  #timeoutMs = 0;
  #opened: Promise<unknown> | undefined;
  readonly #take = (): unknown => {
    this.queued = false;
    if (!this.#first || !this.#canGo()) return this.#waitInLine();
    this.busy = true;
    this.currentAnswered = false;
    const answer = this.scope.runInAsyncScope(this.#answer, this);
    return answer === LATER ? this.#takeOpened() : answer;
  };

  /** It is at work, or about to be for a server that is. */
  get hasWork(): boolean {
    if (this.busy) return true;
    const first = this.#first && this.current?.origin !== 'outside';
    return (first || this.mailbox.fromServers > 0) && !this.sysSuspended;
  }

  /** It would handle a call at once. */
  get isIdle(): boolean {
    return this.phase === 'ready' && !this.busy && !this.held && !this.queued && this.mailbox.length === 0;
  }

  /** Takes a call; only while `isIdle`. */
  callFirst(address: string, body: unknown, timeoutMs: number, origin: Origin, from: From): Promise<unknown> {
    this.queued = true;
    this.#first = true;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.current = { kind: 'call', body, origin, from };
    return SETTLED.then(this.#take);
  }

  /** Answers the call at work, if only this process knows of it. @returns whether it is that one */
  takesEarly(from: From, value: unknown): boolean {
    const first = this.current?.from;
    if (!this.#first || first?.ref !== from.ref || first.origin !== from.origin) return false;
    this.#open();
    this.host.answer(from, value);
    return true;
  }

  #canGo(): boolean {
    return this.phase === 'ready' && !this.busy && !this.held && !this.sysSuspended && !this.draining;
  }

  /** Runs the callback, within the process. */
  #answer(): unknown {
    const envelope = this.current!;
    const { callbacks } = this.definition;
    try {
      if (this.tracer) this.trace({ type: 'in', kind: 'call', message: envelope.body });
      const result = callbacks.handleCall(envelope.body, envelope.from!, this.state);
      if (isReply(result) && this.#first && !callbacks.persist && !this.tracer) return this.#reply(result);
      this.#open();
      this.settle(envelope, result);
    } catch (error) {
      this.#open();
      this.fail(error);
    }
    return LATER;
  }

  #reply(result: Reply<unknown, unknown>): unknown {
    this.#first = false;
    this.state = result.state;
    this.handled += 1;
    this.rest();
    return result.value;
  }

  /** Behind no message that came later. */
  #waitInLine(): unknown {
    const envelope = this.current;
    if (this.#first && envelope !== undefined) {
      this.#open();
      this.current = undefined;
      if (this.phase === 'moved') this.host.forward(this.name, envelope);
      else this.mailbox.prepend([envelope]);
    }
    if (!this.busy && !this.held) this.wake();
    return this.#takeOpened();
  }

  /** Puts the call among the open ones, unless it is there. */
  #open(): void {
    if (!this.#first) return;
    this.#first = false;
    const { from, origin } = this.current!;
    const caller = origin === 'outside' ? undefined : (origin as Pid);
    this.#opened = this.host.openCall(from!, this.#address, this.#timeoutMs, caller);
  }

  #takeOpened(): Promise<unknown> | undefined {
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  protected override tellTheEnd(error: ExitError, answer: [] | [unknown]): void {
    this.#open();
    super.tellTheEnd(error, answer);
  }
}
