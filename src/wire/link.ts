/**
 * One end of the connection between host and runner: data frames to a handler, control messages to another, and
 * numbered calls with deadlines. When the connection ends, every call that waits is rejected at once.
 */
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { FrameWriter } from './frame-writer.ts';
import { FrameError, FrameKind, FrameReader } from './frames.ts';
import type { Answer, CallFailure } from './messages.ts';

/** A call that the other side answered with a failure. `reason` is the runbook's form where there is one. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly reason: string;
  constructor(failure: CallFailure) {
    super(failure.message);
    this.reason = failure.reason;
  }
}

export interface LinkHandler<In> {
  data(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer,
  ): void;
  message(message: In): void;
  /** Called before the frames of each chunk: the place to renew what may be stale. */
  batch?(): void;
  closed(error: Error | undefined): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

type Outgoing = { type: string };

export class Link<Out extends Outgoing, In extends { type: string }, Calls extends object> {
  readonly #stream: Duplex;
  readonly #writer: FrameWriter;
  readonly #waiting = new Map<number, Waiting>();
  #nextCall = 1;
  #closed: Error | undefined;

  constructor(stream: Duplex, handler: LinkHandler<In>) {
    this.#stream = stream;
    this.#writer = new FrameWriter(stream);
    const reader = new FrameReader({
      frame: (kind, flags, status, channel, request, payload) => {
        if (kind !== FrameKind.control) {
          handler.data(kind, flags, status, channel, request, payload);
          return;
        }
        const message = decode<In | Answer>(payload);
        if (message.type === 'answer') this.#settle(message as Answer);
        else handler.message(message as In);
      },
    });
    const end = (error?: Error): void => {
      if (this.#closed) return;
      this.#closed = error ?? new Error('the connection has ended');
      for (const waiting of this.#waiting.values()) {
        clearTimeout(waiting.timer);
        waiting.reject(this.#closed);
      }
      this.#waiting.clear();
      stream.destroy();
      handler.closed(error);
    };
    stream.on('data', (chunk: Buffer) => {
      handler.batch?.();
      try {
        reader.push(chunk);
      } catch (error) {
        end(error instanceof Error ? error : new FrameError(String(error)));
      }
    });
    stream.on('error', end);
    stream.on('close', () => end());
    stream.on('end', () => end());
  }

  /** Bytes that the other side has not taken yet. */
  get backlog(): number {
    return this.#writer.backlog;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Stops and starts reading: how one side makes the other wait. */
  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    this.#stream.resume();
  }
  /** Resolves when the other side has taken what was written. */
  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  data(
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer | string,
  ): void {
    if (!this.#closed) this.#writer.write(kind, flags, status, channel, request, payload);
  }

  send(message: Out): void {
    if (!this.#closed) this.#writer.write(FrameKind.control, 0, 0, 0, 0, serialize(message));
  }

  /** @throws CallError as the other side failed; Error when it gave no answer in `deadlineMs`, or the connection ended. */
  call<Name extends keyof Calls & string>(
    name: Name,
    params: Calls[Name] extends [infer P, unknown] ? P : never,
    deadlineMs: number,
  ): Promise<Calls[Name] extends [unknown, infer R] ? R : never> {
    type Result = Calls[Name] extends [unknown, infer R] ? R : never;
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextCall++;
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new CallError({
            reason: `{timeout, ${name}}`,
            message: `no answer to ${name} within ${deadlineMs} ms`,
          }),
        );
      }, deadlineMs);
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, timer });
      this.send({ type: 'call', id, name, params } as unknown as Out);
    });
  }

  answer(id: number, result: unknown): void {
    this.#respond({ type: 'answer', id, ok: true, result });
  }

  fail(id: number, failure: CallFailure): void {
    this.#respond({ type: 'answer', id, ok: false, failure });
  }

  #respond(answer: Answer): void {
    if (this.#closed) return;
    let bytes: Buffer;
    try {
      bytes = serialize(answer);
    } catch (error) {
      const message = `the result can not be cloned: ${error instanceof Error ? error.message : String(error)}`;
      bytes = serialize({
        type: 'answer',
        id: answer.id,
        ok: false,
        failure: { reason: '{not_serialisable}', message },
      });
    }
    this.#writer.write(FrameKind.control, 0, 0, 0, 0, bytes);
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return; // its deadline has passed
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.ok) waiting.resolve(answer.result);
    else waiting.reject(new CallError(answer.failure));
  }

  /** Writes out what is pending and ends the connection. */
  close(): void {
    this.#writer.flush();
    this.#stream.end();
  }
}

function decode<Message>(payload: Buffer): Message {
  try {
    return deserialize(payload) as Message;
  } catch (error) {
    throw new FrameError(
      `a control frame that is no structured clone: ${error instanceof Error ? error.message : error}`,
    );
  }
}
