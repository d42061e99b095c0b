/**
 * All requests in flight, and the handlers of cancelled ones that still run: together they are what keeps a runner busy.
 * A request is in here from its arrival until it is answered, cancelled or given up.
 */
import { type Call, nameOf } from './call.ts';
import type { Exchange, RequestMessage } from './gateway.ts';
import type { LiveSession } from './live-session.ts';
import type { RunnerProcess } from './runner-process.ts';

const HIGHEST_REQUEST = 0xffff_ffff;

export class CallTable {
  readonly #calls = new Map<number, Call>();
  readonly #cancelled = new Map<number, RunnerProcess>();
  #next = 1;
  /** Told when a runner has finished the last that it had. */
  onIdle: (runner: RunnerProcess) => void = () => {};

  get all(): ReadonlyMap<number, Call> {
    return this.#calls;
  }

  get(request: number): Call | undefined {
    return this.#calls.get(request);
  }

  open(session: LiveSession | undefined, message: RequestMessage, raw: Buffer, exchange: Exchange): Call {
    const call: Call = {
      request: this.#number(),
      session,
      message,
      raw,
      exchange,
      startedAt: performance.now(),
      name: nameOf(message),
      runner: undefined,
      channel: 0,
      rerun: false,
      swallowNext: false,
    };
    this.#calls.set(call.request, call);
    session?.inFlight.set(message.id, call.request);
    return call;
  }

  #number(): number {
    do this.#next = this.#next === HIGHEST_REQUEST ? 1 : this.#next + 1;
    while (this.#calls.has(this.#next) || this.#cancelled.has(this.#next));
    return this.#next;
  }

  assign(call: Call, runner: RunnerProcess, channel: number): void {
    call.runner = runner;
    call.channel = channel;
    runner.inFlight++;
  }

  /** The call leaves its runner, to be sent to another. */
  release(call: Call): void {
    const { runner } = call;
    call.runner = undefined;
    if (runner) this.#finished(runner);
  }

  forget(call: Call): void {
    this.#calls.delete(call.request);
    call.session?.inFlight.delete(call.message.id);
    if (call.session) call.session.usedAt = Date.now();
    if (call.runner) this.#finished(call.runner);
  }

  /** A cancelled request leaves the table at once; its runner counts it until the handler is over. */
  cancel(call: Call): void {
    const { runner } = call;
    if (runner) {
      runner.inFlight++;
      this.#cancelled.set(call.request, runner);
    }
    this.forget(call);
  }

  /** The handler of a cancelled request is over. */
  settled(runner: RunnerProcess, request: number): void {
    if (this.#cancelled.get(request) !== runner) return;
    this.#cancelled.delete(request);
    this.#finished(runner);
  }

  /** The calls that a runner has; to be asked before any of them is given away. */
  of(runner: RunnerProcess): Call[] {
    return [...this.#calls.values()].filter((call) => call.runner === runner);
  }

  /** What a runner that has ended had cancelled is over too. */
  dropCancelled(runner: RunnerProcess): void {
    for (const [request, owner] of this.#cancelled) if (owner === runner) this.#cancelled.delete(request);
  }

  #finished(runner: RunnerProcess): void {
    if (--runner.inFlight === 0) this.onIdle(runner);
  }
}
