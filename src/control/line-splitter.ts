/** Cuts a byte stream into lines. It holds at most `limit` bytes of an unfinished line, and copies each byte once. */

const LINE_FEED = 0x0a;

export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

export class LineSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of the line that has begun and not ended. */
  get held(): number {
    return this.#held;
  }

  /** Yields each line that `chunk` completes, without its line feed. Throws LineTooLong; the stream can't be used after that. */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#hold(chunk.subarray(start, end));
      start = end + 1;
      yield this.#take();
    }
    this.#hold(chunk.subarray(start));
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return;
    this.#held += part.length;
    if (this.#held > this.#limit) throw new LineTooLong(`a line is longer than ${this.#limit} bytes`);
    this.#parts.push(part);
  }

  #take(): Buffer {
    const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return line;
  }
}
