/**
 * Cuts the client's input into lines. Holds at most one unfinished line of at most `maxBytes`; of a longer one only
 * both ends are kept, to tell the client which request it was.
 */

export interface LineHandler {
  line(line: Buffer): void;
  /** A line over the limit, which was thrown away. */
  oversized(head: string, tail: string): void;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Bytes that are kept of either end of a line over the limit. */
const END_BYTES = 512;

export class LineReader {
  readonly #handler: LineHandler;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** The ends of the line over the limit that is being thrown away. */
  #skipped: { head: string; tail: Buffer } | undefined;

  constructor(handler: LineHandler, maxBytes: number) {
    this.#handler = handler;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, at));
      this.#finish();
      from = at + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** The input is over: what is left is a line too. */
  end(): void {
    this.#finish();
  }

  #add(part: Buffer): void {
    if (this.#skipped) {
      const tail = Buffer.concat([this.#skipped.tail, part.subarray(-END_BYTES)]);
      this.#skipped.tail = tail.subarray(-END_BYTES);
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#skip();
  }

  #skip(): void {
    const all = this.#take();
    const head = all.toString('utf8', 0, END_BYTES);
    // A copy: a view would keep the whole line in memory.
    this.#skipped = { head, tail: Buffer.from(all.subarray(-END_BYTES)) };
  }

  #take(): Buffer {
    const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }

  #finish(): void {
    if (this.#skipped) {
      const { head, tail } = this.#skipped;
      this.#skipped = undefined;
      this.#handler.oversized(head, tail.toString('utf8').trimEnd());
      return;
    }
    const line = this.#take();
    const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (end > 0) this.#handler.line(line.subarray(0, end));
  }
}
