/**
 * One caller of the control socket. Bounded in every direction: length of a line, calls in flight, unread answers, idle time.
 * A caller that goes away takes nothing with it but its own answers.
 */
import type { Socket } from 'node:net';
import {
  encodeLine,
  INVALID_REQUEST,
  LineSplitter,
  MAX_REQUEST_BYTES,
  NOTIFICATIONS,
  type ServerMessage,
} from '../control/index.ts';
import { tuple } from '../errors/index.ts';
import { dispatch, failure, idOf, overload } from './control-dispatch.ts';
import type { ControlContext, ControlHandlers, ControlLog } from './control-handlers.ts';

export interface ConnectionLimits {
  maxCallsInFlight: number;
  /** Bytes of answers that a caller may leave unread before it is cut off. */
  maxUnreadBytes: number;
  /** A caller with no call in flight, or in the middle of a line, is cut off after so long a silence. */
  idleMs: number;
}

export class ControlConnection {
  readonly #socket: Socket;
  readonly #handlers: ControlHandlers;
  readonly #limits: ConnectionLimits;
  readonly #log: ControlLog;
  readonly #lines = new LineSplitter(MAX_REQUEST_BYTES);
  readonly #gone = new AbortController();
  readonly #context: ControlContext;
  #inFlight = 0;
  #ending = false;

  constructor(socket: Socket, handlers: ControlHandlers, limits: ConnectionLimits, log: ControlLog) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#limits = limits;
    this.#log = log;
    this.#context = {
      signal: this.#gone.signal,
      notify: (method, params) =>
        this.#send({ jsonrpc: '2.0', method, params: NOTIFICATIONS[method].parse(params) }),
    };
    socket.setTimeout(limits.idleMs, () => this.#onIdle());
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => this.#gone.abort(new Error('the caller has gone')));
    // A broken pipe or a reset: 'close' follows, and nobody is left to be told.
    socket.on('error', () => {});
  }

  /** Closes once the calls in flight are answered. */
  end(): void {
    this.#ending = true;
    if (this.#inFlight === 0) this.#socket.end();
  }

  /** Tells followers to end, and then closes as `end` does. */
  shutDown(): void {
    this.#gone.abort(new Error('the control server closes'));
    this.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * The caller has closed its half, and may still read: `… | nc -U run/erlmcp.sock` does. Only a write tells it from one that has
   * gone altogether; a blank line means nothing.
   */
  #onEnd(): void {
    if (this.#inFlight > 0) this.#socket.write('\n');
    this.end();
  }

  #onData(chunk: Buffer): void {
    if (this.#ending) return;
    try {
      for (const line of this.#lines.push(chunk)) {
        if (line.length > 0) void this.#onLine(line);
      }
    } catch {
      const sentence = `A request is at most ${MAX_REQUEST_BYTES} bytes long.`;
      this.#send(failure(null, INVALID_REQUEST, sentence, tuple('message_too_long', MAX_REQUEST_BYTES)));
      this.end();
    }
  }

  async #onLine(line: Buffer): Promise<void> {
    if (this.#inFlight >= this.#limits.maxCallsInFlight) {
      const limit = this.#limits.maxCallsInFlight;
      const sentence = `At most ${limit} calls of one connection are answered at a time.`;
      this.#send(overload(idOf(line), sentence, tuple('too_many_calls', limit)));
      return;
    }
    this.#inFlight += 1;
    const answer = await dispatch(line, this.#handlers, this.#context, this.#log);
    this.#inFlight -= 1;
    if (answer) this.#send(answer);
    if (this.#ending && this.#inFlight === 0) this.#socket.end();
  }

  #send(message: ServerMessage): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > this.#limits.maxUnreadBytes) {
      this.#log('a control caller does not read its answers and was cut off');
      this.#socket.destroy();
      return;
    }
    this.#socket.write(encodeLine(message));
  }

  #onIdle(): void {
    if (this.#inFlight === 0) this.#socket.destroy();
  }
}
