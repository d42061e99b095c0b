/**
 * The calls that this table's callers wait for. One timer serves all: it is armed for the earliest deadline, which it learns
 * anew when it fires, so that a call that is answered in time never touches it. A late answer finds nothing and is dropped.
 */
import type { Outcome } from './envelope.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { Pid } from './pid.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface PendingCall {
  readonly name: string;
  readonly caller: Pid | undefined;
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ExitError) => void;
}

export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  readonly #onTimeout: (ref: number) => void;
  #lastRef = 0;
  #timer: NodeJS.Timeout | undefined;
  #firesAt = Number.POSITIVE_INFINITY;

  /** @param onTimeout is told of each call that was given up. */
  constructor(onTimeout: (ref: number) => void) {
    this.#onTimeout = onTimeout;
  }

  /** The number of the next call; `wait` opens it. */
  nextRef(): number {
    this.#lastRef += 1;
    return this.#lastRef;
  }

  wait(ref: number, name: string, timeoutMs: number, caller: Pid | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + timeoutMs;
      this.#calls.set(ref, { name, caller, deadline, timeoutMs, resolve, reject });
      if (deadline < this.#firesAt) this.#arm(deadline);
      else if (this.#calls.size === 1) this.#timer?.ref();
    });
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

  /** Fails every call to a name of which `chosen` is true. */
  rejectWhere(chosen: (name: string) => boolean, error: ExitError): void {
    for (const [ref, { name }] of this.#calls) if (chosen(name)) this.reject(ref, error);
  }

  has(ref: number): boolean {
    return this.#calls.has(ref);
  }

  isWaiting(caller: Pid): boolean {
    for (const call of this.#calls.values()) if (call.caller === caller) return true;
    return false;
  }

  #take(ref: number): PendingCall | undefined {
    const call = this.#calls.get(ref);
    if (call === undefined) return undefined;
    this.#calls.delete(ref);
    // A timer that nobody waits for must not keep the program alive.
    if (this.#calls.size === 0) this.#timer?.unref();
    return call;
  }

  #arm(deadline: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = deadline;
    const delay = Math.ceil(deadline - performance.now());
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(delay, 1), LONGEST_TIMER_MS));
  }

  #expire(): void {
    const now = performance.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const [ref, call] of this.#calls) {
      if (call.deadline <= now) this.#giveUp(ref, call);
      else if (call.deadline < earliest) earliest = call.deadline;
    }
    this.#timer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (earliest < Number.POSITIVE_INFINITY) this.#arm(earliest);
  }

  #giveUp(ref: number, { name, timeoutMs }: PendingCall): void {
    this.reject(
      ref,
      exitTuple('timeout', name, `no answer within ${timeoutMs} ms; the call may still be carried out.`),
    );
    this.#onTimeout(ref);
  }
}
