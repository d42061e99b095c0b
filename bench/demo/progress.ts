/** What is shown while the demo runs: lines of what happens, and on a terminal a last line that counts. */
const REDRAW_MS = 250;
const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  readonly #started = performance.now();
  readonly #live = process.stdout.isTTY === true;
  #status: (() => string) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Seconds since the demo began, as the lines show them. */
  #clock(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(1).padStart(5)} s`;
  }

  line(text: string): void {
    process.stdout.write(`${this.#live ? CLEAR_LINE : ''}${this.#clock()}  ${text}\n`);
    this.#draw();
  }

  /** Shows `status` as the last line, until `end`. */
  follow(status: () => string): void {
    this.#status = status;
    if (this.#live) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#live && this.#status) process.stdout.write(CLEAR_LINE);
    this.#status = undefined;
  }

  #draw(): void {
    if (this.#live && this.#status) process.stdout.write(`${CLEAR_LINE}${this.#clock()}  ${this.#status()}`);
  }
}
