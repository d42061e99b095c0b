/**
 * The frame: how messages lie on the socket between host and runner.
 *
 *     u32 length of all that follows | u8 kind | u8 flags | u16 status | u32 channel | u32 request | payload
 *
 * Little-endian. Data frames carry one JSON-RPC message as UTF-8 JSON, untouched by the host; control frames carry one
 * structured clone (node:v8). A frame longer than the limit, or of an unknown kind, ends the connection: after it
 * nothing on the stream can be trusted.
 */
export const HEADER_BYTES = 16;

/** Default limit of one frame, in bytes. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Kinds of frame; the numbers are the wire's, never reused. */
export const FrameKind = {
  /** Either way: a structured clone of a control message. */
  control: 0,
  /** Host to runner: a client's message for a channel; `request` is its number, 0 for what expects no answer. */
  deliver: 1,
  /** Host to runner: the client has closed the response stream of `request`. */
  abandon: 2,
  /** Runner to host: the answer to `request`. */
  response: 3,
  /** Runner to host: a message that belongs to `request` and comes before its answer. */
  related: 4,
  /** Runner to host: a message of the channel that belongs to no request. */
  emit: 5,
  /** Runner to host: the handler of `request` is over although no answer was sent (it was cancelled). */
  settled: 6,
} as const;

export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

const HIGHEST_KIND = 6;

/** Bits of the flags byte. */
export const FrameFlag = {
  /** On `response`: it is a JSON-RPC error. */
  error: 1,
} as const;

/** What is wrong with the stream; the connection has to be ended. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export interface FrameHandler {
  /** `payload` is a view that is valid after the call too: chunks are never reused. */
  frame(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer,
  ): void;
}

/** Cuts a stream of chunks into frames; holds at most one unfinished frame. */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes that the unfinished frame needs in all; 0 while its length is not known yet. */
  #needed = 0;

  constructor(handler: FrameHandler, maxBytes: number = MAX_FRAME_BYTES) {
    this.#handler = handler;
    this.#maxBytes = maxBytes;
  }

  /** @throws FrameError where the stream is not a stream of frames. */
  push(chunk: Buffer): void {
    if (this.#pendingBytes === 0) {
      this.#keep(chunk, this.#read(chunk));
      return;
    }
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#needed || this.#pendingBytes < 4) return;
    const whole = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#keep(whole, this.#read(whole));
  }

  #keep(buffer: Buffer, from: number): void {
    if (from === buffer.length) return;
    this.#pending = [from === 0 ? buffer : buffer.subarray(from)];
    this.#pendingBytes = buffer.length - from;
  }

  /** Reads all whole frames of `buffer`; returns where the first unfinished one starts. */
  #read(buffer: Buffer): number {
    let at = 0;
    this.#needed = 0;
    while (buffer.length - at >= 4) {
      const length = buffer.readUInt32LE(at);
      if (length < HEADER_BYTES - 4 || length > this.#maxBytes)
        throw new FrameError(`a frame of ${length} bytes: the limit is ${this.#maxBytes}`);
      if (buffer.length - at < length + 4) {
        this.#needed = length + 4;
        break;
      }
      const kind = buffer[at + 4] as FrameKind;
      if (kind > HIGHEST_KIND) throw new FrameError(`a frame of the unknown kind ${kind}`);
      this.#handler.frame(
        kind,
        buffer[at + 5]!,
        buffer.readUInt16LE(at + 6),
        buffer.readUInt32LE(at + 8),
        buffer.readUInt32LE(at + 12),
        buffer.subarray(at + HEADER_BYTES, at + 4 + length),
      );
      at += length + 4;
    }
    return at;
  }
}
