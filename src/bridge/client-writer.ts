/** The way to the client: one JSON-RPC message a line on its stdout, those of one turn of the event loop in one write. */
import type { Writable } from 'node:stream';
import type { RequestId } from './client-message.ts';

const NEWLINE = Buffer.from('\n');

export interface ErrorBody {
  code: number;
  message: string;
  data?: unknown;
}

export class ClientWriter {
  readonly #stdout: Writable;
  #corked = false;
  /** True while the client does not read as fast as it is written to. */
  full = false;

  /** @param events `drained`: it is no longer full. `gone`: the client reads no more. */
  constructor(stdout: Writable, events: { drained(): void; gone(): void }) {
    this.#stdout = stdout;
    stdout.on('drain', () => {
      this.full = false;
      events.drained();
    });
    stdout.on('error', () => events.gone());
  }

  write(json: Buffer | string): void {
    if (!this.#stdout.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#stdout.cork();
      setImmediate(() => this.#uncork());
    }
    this.#stdout.write(json);
    this.full = !this.#stdout.write(NEWLINE);
  }

  #uncork(): void {
    this.#corked = false;
    this.#stdout.uncork();
  }

  error(id: RequestId | null, error: ErrorBody): void {
    this.write(JSON.stringify({ jsonrpc: '2.0', id, error }));
  }

  /** Resolves once all is written, or can not be. */
  async flush(): Promise<void> {
    if (!this.#stdout.writable) return;
    if (this.#corked) this.#uncork();
    await new Promise<void>((resolve) => {
      this.#stdout.once('error', () => resolve());
      this.#stdout.write('', () => resolve());
    });
  }
}
