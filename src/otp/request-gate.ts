/** Requests from outside that come while the table comes to rest or is suspended: they wait until it is resumed, or are refused. */
import type { ExitError } from './exit-error.ts';

export class RequestGate {
  #waiting: { pass: () => void; refuse: (error: ExitError) => void }[] = [];
  #closed: ExitError | undefined;

  /** Why no request is taken any more. */
  get closed(): ExitError | undefined {
    return this.#closed;
  }

  /** Resolves at the next `open`, rejects at `close`. */
  wait(): Promise<void> {
    return new Promise((pass, refuse) => this.#waiting.push({ pass, refuse }));
  }

  open(): void {
    for (const { pass } of this.#waiting.splice(0)) pass();
  }

  close(error: ExitError): void {
    this.#closed ??= error;
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }
}
