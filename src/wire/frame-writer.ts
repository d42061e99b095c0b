/**
 * Writes frames to a stream so that those of one turn of the event loop go out in one write.
 * Small payloads are copied into one buffer; large ones are passed on as they are.
 */
import type { Writable } from 'node:stream';
import { type FrameKind, HEADER_BYTES } from './frames.ts';

const BLOCK_BYTES = 64 * 1024;
/** From this size on a payload is handed to the stream without a copy. */
const LARGE_BYTES = 16 * 1024;

export class FrameWriter {
  readonly #stream: Writable;
  #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #start = 0;
  #end = 0;
  #scheduled = false;
  readonly #flush = (): void => this.flush();

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Bytes that the peer has not taken yet. */
  get backlog(): number {
    return this.#stream.writableLength + (this.#end - this.#start);
  }

  write(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer | string,
  ): void {
    if (typeof payload === 'string') this.#writeString(kind, flags, status, channel, request, payload);
    else if (payload.length >= LARGE_BYTES) this.#writeLarge(kind, flags, status, channel, request, payload);
    else {
      const at = this.#reserve(HEADER_BYTES + payload.length);
      payload.copy(this.#block, at + HEADER_BYTES);
      this.#finish(at, kind, flags, status, channel, request, payload.length);
    }
  }

  #writeString(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    text: string,
  ): void {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (text.length * 3 >= LARGE_BYTES) {
      this.#writeLarge(kind, flags, status, channel, request, Buffer.from(text, 'utf8'));
      return;
    }
    const at = this.#reserve(HEADER_BYTES + text.length * 3);
    const length = this.#block.write(text, at + HEADER_BYTES, 'utf8');
    this.#finish(at, kind, flags, status, channel, request, length);
  }

  #writeLarge(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer,
  ): void {
    const at = this.#reserve(HEADER_BYTES);
    this.#finish(at, kind, flags, status, channel, request, payload.length, 0);
    this.flush();
    this.#stream.write(payload);
  }

  #reserve(bytes: number): number {
    if (this.#block.length - this.#end < bytes) {
      this.flush();
      this.#block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, bytes));
      this.#start = 0;
      this.#end = 0;
    }
    return this.#end;
  }

  #finish(
    at: number,
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    length: number,
    copied: number = length,
  ): void {
    const block = this.#block;
    block.writeUInt32LE(HEADER_BYTES - 4 + length, at);
    block[at + 4] = kind;
    block[at + 5] = flags;
    block.writeUInt16LE(status, at + 6);
    block.writeUInt32LE(channel, at + 8);
    block.writeUInt32LE(request, at + 12);
    this.#end = at + HEADER_BYTES + copied;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  /** Hands all that is written so far to the stream; called by itself at the end of the turn. */
  flush(): void {
    this.#scheduled = false;
    if (this.#end === this.#start) return;
    const bytes = this.#block.subarray(this.#start, this.#end);
    this.#start = this.#end;
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }
}
