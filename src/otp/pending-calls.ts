/**
 * The calls that this table's callers wait for. Nearly all are answered soon, so a call is kept cheap: it stands in a ring by its
 * number, and its deadline is worked out at the next tick of a coarse clock, if it still waits by then. A late answer finds
 * nothing and is dropped.
 */
import { LONGEST_TIMER_MS } from './after-ms.ts';
import type { From, Outcome } from './envelope.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { Pid } from './pid.ts';

/** A call's time may run up to this much longer than asked, never shorter. */
const TICK_MS = 10;
/** Shorter limits than this are kept to the millisecond. */
const COARSE_FROM_MS = 1000;
/** Calls that wait at the same time, before they overflow into a map. */
const RING = 1024;

interface PendingCall {
  readonly from: From;
  readonly address: string;
  readonly caller: Pid | undefined;
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`; 0 until the next tick. */
  deadline: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ExitError) => void;
}

/** Set by `keep` while a promise is made: no closure per call. */
let lastResolve: PendingCall['resolve'];
let lastReject: PendingCall['reject'];
const keep = (resolve: PendingCall['resolve'], reject: PendingCall['reject']): void => {
  lastResolve = resolve;
  lastReject = reject;
};

export class PendingCalls {
  readonly #ring: (PendingCall | undefined)[] = new Array(RING).fill(undefined);
  readonly #overflow = new Map<number, PendingCall>();
  readonly #onTimeout: (from: From, address: string) => void;
  #size = 0;
  #lastRef = 0;
  #ticking = false;
  #timer: NodeJS.Timeout | undefined;
  /** The timer keeps the program alive. */
  #holds = false;
  #firesAt = Number.POSITIVE_INFINITY;

  /** @param onTimeout is told of each call that was given up. */
  constructor(onTimeout: (from: From, address: string) => void) {
    this.#onTimeout = onTimeout;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the next call; `open` makes it known. */
  nextRef(): number {
    this.#lastRef += 1;
    return this.#lastRef;
  }

  open(from: From, address: string, timeoutMs: number, caller: Pid | undefined): Promise<unknown> {
    const answer = new Promise<unknown>(keep);
    const call = { from, address, caller, timeoutMs, deadline: 0, resolve: lastResolve, reject: lastReject };
    const place = from.ref & (RING - 1);
    if (this.#ring[place] === undefined) this.#ring[place] = call;
    else this.#overflow.set(from.ref, call);
    this.#size += 1;
    if (timeoutMs < COARSE_FROM_MS) this.#watch(call);
    else if (!this.#ticking && timeoutMs !== Number.POSITIVE_INFINITY) this.#startTicking();
    return answer;
  }

  resolve(ref: number, value: unknown): void {
    this.#take(ref)?.resolve(value);
  }

  reject(ref: number, error: ExitError): void {
    this.#take(ref)?.reject(error);
  }

  settle(ref: number, outcome: Outcome): void {
    if (outcome.ok) this.resolve(ref, outcome.value);
    else this.reject(ref, new ExitError(outcome.reason, outcome.message));
  }

  /** Fails every call to an address of which `chosen` is true. */
  rejectWhere(chosen: (address: string) => boolean, error: ExitError): void {
    for (const { from, address } of this.#all()) if (chosen(address)) this.reject(from.ref, error);
  }

  has(ref: number): boolean {
    return this.#ring[ref & (RING - 1)]?.from.ref === ref || this.#overflow.has(ref);
  }

  isWaiting(caller: Pid): boolean {
    return this.#all().some((call) => call.caller === caller);
  }

  #all(): PendingCall[] {
    return [...this.#ring.filter((call) => call !== undefined), ...this.#overflow.values()];
  }

  #take(ref: number): PendingCall | undefined {
    const place = ref & (RING - 1);
    let call = this.#ring[place];
    if (call !== undefined && call.from.ref === ref) this.#ring[place] = undefined;
    else {
      call = this.#overflow.get(ref);
      if (call === undefined) return undefined;
      this.#overflow.delete(ref);
    }
    this.#size -= 1;
    // A timer that nobody waits for must not keep the program alive.
    if (this.#size === 0 && this.#holds) this.#hold(false);
    return call;
  }

  /** While calls come, the clock ticks: those that wait at a tick get their deadline. It stops with the calls. */
  #startTicking(): void {
    this.#ticking = true;
    setTimeout(() => {
      this.#ticking = false;
      this.#expire();
    }, TICK_MS);
  }

  #watch(call: PendingCall): void {
    call.deadline = performance.now() + call.timeoutMs;
    if (call.deadline < this.#firesAt) this.#arm(call.deadline);
    else this.#hold(true);
  }

  #hold(on: boolean): void {
    this.#holds = on;
    if (on) this.#timer?.ref();
    else this.#timer?.unref();
  }

  #arm(deadline: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = deadline;
    const delay = Math.ceil(deadline - performance.now());
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(delay, 1), LONGEST_TIMER_MS));
    this.#holds = true;
  }

  #expire(): void {
    const now = performance.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const call of this.#all()) {
      if (call.deadline === 0) call.deadline = now + call.timeoutMs;
      if (call.deadline <= now) this.#giveUp(call);
      else if (call.deadline < earliest) earliest = call.deadline;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (earliest < Number.POSITIVE_INFINITY) this.#arm(earliest);
  }

  #giveUp({ from, address, timeoutMs }: PendingCall): void {
    const message = `no answer within ${timeoutMs} ms; the call may still be carried out.`;
    this.reject(from.ref, exitTuple('timeout', address, message));
    this.#onTimeout(from, address);
  }
}
