/**
 * The channel of one session of a 2025 revision: one instance of the application's server, rebuilt from the session's
 * replay when there is one. Until the replay is over nothing reaches the client, and the client's messages wait.
 */
import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import type { Replay } from '../wire/index.ts';
import { onCallEnd, type Product } from './call-end.ts';
import { asMessage, asOutgoing, type Incoming, isAnswer, type Outgoing } from './json-rpc.ts';
import type { ChannelPort } from './port.ts';

const REPLAY_DEADLINE_MS = 10_000;
const REQUEST_IN_USE = -32600;

interface Pending {
  request: number;
  toolCall: boolean;
}

export class SessionChannel implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly sessionId: string;
  readonly #port: ChannelPort;
  /** Makes ids of requests to the client unique across runners: the client's answer names the runner that asked. */
  readonly #idPrefix: string;
  readonly #pending = new Map<string | number, Pending>();
  /** Cancelled tool calls whose handler still runs, by the client's id. */
  readonly #cancelled = new Map<string | number, number>();
  #waiting: [number, Incoming][] | undefined = [];
  #replayed: ((message: Outgoing) => void) | undefined;
  #product: Product | undefined;
  #closed = false;

  constructor(sessionId: string, port: ChannelPort, idPrefix: string) {
    this.sessionId = sessionId;
    this.#port = port;
    this.#idPrefix = idPrefix;
  }

  get product(): Product | undefined {
    return this.#product;
  }

  /** Builds the instance and replays; rejects where the session can not be what its client knows. */
  async open(factory: () => Product | Promise<Product>, replay: Replay): Promise<void> {
    const product = await factory();
    this.#product = product;
    onCallEnd(product, (id) => this.#callEnded(id));
    await product.connect(this);
    if (replay.initialize !== undefined) await this.#replay(replay);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [request, message] of waiting) this.#deliver(request, message);
  }

  deliver(request: number, message: Incoming): void {
    if (this.#waiting) this.#waiting.push([request, message]);
    else this.#deliver(request, message);
  }

  #deliver(request: number, message: Incoming): void {
    if (this.#closed) return;
    if (message.method !== undefined && message.id !== undefined) {
      if (this.#pending.has(message.id)) {
        const error = { code: REQUEST_IN_USE, message: `Invalid Request: id ${message.id} is in use` };
        this.#port.response(request, JSON.stringify({ jsonrpc: '2.0', id: message.id, error }), true, 200);
        return;
      }
      this.#pending.set(message.id, { request, toolCall: message.method === 'tools/call' });
    } else if (message.method === 'notifications/cancelled') this.#cancel(message);
    else if (message.method === undefined)
      message.id = Number(String(message.id).slice(this.#idPrefix.length));
    this.#hand(message);
  }

  #hand(message: Incoming): void {
    this.onmessage?.(asMessage(message));
  }

  #cancel(message: Incoming): void {
    const id = message.params?.requestId as string | number | undefined;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    this.#pending.delete(id);
    if (pending.toolCall) this.#cancelled.set(id, pending.request);
    else this.#port.settled(pending.request);
  }

  #callEnded(id: string | number): void {
    const request = this.#cancelled.get(id);
    if (request === undefined) return;
    this.#cancelled.delete(id);
    this.#port.settled(request);
  }

  async start(): Promise<void> {}

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const outgoing = asOutgoing(message);
    if (this.#closed) return Promise.resolve();
    if (this.#replayed) this.#swallow(outgoing);
    else if (isAnswer(outgoing)) this.#answer(outgoing);
    else this.#tell(outgoing, options?.relatedRequestId);
    return Promise.resolve();
  }

  #answer(message: Outgoing): void {
    const pending = this.#pending.get(message.id!);
    if (pending === undefined) return; // cancelled meanwhile
    this.#pending.delete(message.id!);
    this.#port.response(pending.request, JSON.stringify(message), message.error !== undefined, 200);
  }

  #tell(message: Outgoing, related: string | number | undefined): void {
    if (message.id !== undefined) message = { ...message, id: this.#idPrefix + message.id };
    const pending = related === undefined ? undefined : this.#pending.get(related);
    if (pending !== undefined) this.#port.related(pending.request, JSON.stringify(message));
    else if (related === undefined) this.#port.emit(JSON.stringify(message));
  }

  /** What an instance says while it is rebuilt: the client has heard it before. A request to the client fails at once. */
  #swallow(message: Outgoing): void {
    if (isAnswer(message)) this.#replayed?.(message);
    else if (message.id !== undefined) {
      const error = { code: -32603, message: 'The session is being rebuilt; the client was asked before.' };
      queueMicrotask(() => this.#hand({ jsonrpc: '2.0', id: message.id!, error }));
    }
  }

  async #replay(replay: Replay): Promise<void> {
    const answer = await this.#replayRequest(replay.initialize as Incoming);
    const negotiated = answer.result?.protocolVersion;
    if (negotiated !== replay.protocolVersion)
      throw new Error(
        `this release negotiates revision ${negotiated}, the client has ${replay.protocolVersion}`,
      );
    if (replay.initialized !== undefined) this.#hand(replay.initialized as Incoming);
    for (const request of replay.requests) await this.#replayRequest(request as Incoming);
    await new Promise((resolve) => setImmediate(resolve));
    this.#replayed = undefined;
  }

  #replayRequest(message: Incoming): Promise<Outgoing> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${message.method} was not answered in ${REPLAY_DEADLINE_MS} ms`)),
        REPLAY_DEADLINE_MS,
      );
      this.#replayed = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#hand({ ...message, id: 'replay' });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }
}
