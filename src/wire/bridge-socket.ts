/** One socket of a link: frames in, frames out. After `closed` was called nothing more comes from it. */
import type { Socket } from 'node:net';
import { LinkViolation } from './bridge-link.ts';
import { FrameWriter } from './frame-writer.ts';
import { FrameError, FrameKind, FrameReader } from './frames.ts';

export interface LinkHandler<Control> {
  control(message: Control): void;
  data(kind: FrameKind, request: number, payload: Buffer): void;
  /** Called once. `cause`: a `LinkViolation`, or what the system said, if anything. */
  closed(cause: Error | undefined): void;
}

export class LinkSocket<Incoming extends { type: string }, Outgoing extends { type: string }> {
  readonly #socket: Socket;
  readonly #writer: FrameWriter;
  #handler: LinkHandler<Incoming>;
  #closed = false;
  /** The count of the acknowledgement that goes out with this turn of the event loop. */
  #acknowledged = 0;
  #acknowledging = false;

  constructor(socket: Socket, handler: LinkHandler<Incoming>, maxFrameBytes: number) {
    this.#socket = socket;
    this.#handler = handler;
    this.#writer = new FrameWriter(socket);
    const reader = new FrameReader(
      {
        frame: (kind, _flags, _status, _channel, request, payload) => this.#frame(kind, request, payload),
      },
      maxFrameBytes,
    );
    socket.on('data', (chunk: Buffer) => this.#guard(() => reader.push(chunk)));
    socket.on('error', (error) => this.#close(error));
    socket.on('close', () => this.#close(undefined));
  }

  /** Passes what comes from now on to another handler. */
  handTo(handler: LinkHandler<Incoming>): void {
    this.#handler = handler;
  }

  #frame(kind: FrameKind, request: number, payload: Buffer): void {
    if (this.#closed) return;
    if (kind === FrameKind.control) this.#handler.control(parseControl<Incoming>(payload));
    else this.#handler.data(kind, request, payload);
  }

  #guard(read: () => void): void {
    if (this.#closed) return;
    try {
      read();
    } catch (error) {
      if (error instanceof FrameError) this.#close(new LinkViolation(error.message, { cause: error }));
      else if (error instanceof LinkViolation) this.#close(error);
      else throw error;
    }
  }

  #close(cause: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#handler.closed(cause);
  }

  send(kind: FrameKind, request: number, payload: Buffer | string): void {
    if (!this.#closed) this.#writer.write(kind, 0, 0, 0, request, payload);
  }

  control(message: Outgoing): void {
    this.send(FrameKind.control, 0, JSON.stringify(message));
  }

  /** Acknowledges all up to `received`, once a turn of the event loop. */
  acknowledge(received: number): void {
    this.#acknowledged = received;
    if (this.#acknowledging) return;
    this.#acknowledging = true;
    setImmediate(() => {
      this.#acknowledging = false;
      this.send(FrameKind.control, 0, JSON.stringify({ type: 'ack', received: this.#acknowledged }));
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the socket once all is written. */
  end(): void {
    this.#writer.flush();
    this.#socket.end();
  }

  /** Ends the socket at once; `closed` is not called. */
  discard(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}

function parseControl<Incoming>(payload: Buffer): Incoming {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw new LinkViolation('a control frame that is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || !('type' in value))
    throw new LinkViolation('a control frame without a type');
  return value as Incoming;
}
