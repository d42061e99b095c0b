/**
 * The channel of revision 2026-07-28: the requests of all clients share one instance behind the SDK's `serveStdio`.
 * A request's id is replaced by the host's number (ids of different clients may be equal) and put back in what belongs
 * to it. Progress tokens need no replacement: a progress notification goes to the request that it is related to.
 */
import {
  type JSONRPCMessage,
  type McpServerFactory,
  SUBSCRIPTION_ID_META_KEY,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { onCallEnd, type Product, serverOf } from './call-end.ts';
import { asMessage, asOutgoing, type Incoming, isAnswer, type Outgoing } from './json-rpc.ts';
import { ladderStatus } from './ladder.ts';
import type { ChannelPort } from './port.ts';

/** The SDK's own cap (1,024 a connection) is one client's; this channel is all clients'. */
const MAX_SUBSCRIPTIONS = 1_000_000;

interface Pending {
  /** The id that the client gave. */
  id: string | number;
  toolCall: boolean;
}

type Receive = (message: JSONRPCMessage, extra?: unknown) => void;

export class SharedChannel implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #port: ChannelPort;
  readonly #pending = new Map<number, Pending>();
  /** Cancelled tool calls whose handler still runs. */
  readonly #cancelled = new Set<number>();
  #product: Product | undefined;
  /** True while a message is handed to the engine: what it answers inside of that comes from before the handler. */
  #handing = false;

  constructor(port: ChannelPort) {
    this.#port = port;
  }

  get product(): Product | undefined {
    return this.#product;
  }

  open(factory: McpServerFactory, report: (error: Error) => void): void {
    serveStdio(
      async (context) => {
        const product = await factory(context);
        this.#product = product;
        onCallEnd(product, (id) => this.#callEnded(id as number));
        this.#watch(product);
        return product;
      },
      { transport: this, legacy: 'reject', maxSubscriptions: MAX_SUBSCRIPTIONS, onerror: report },
    );
  }

  /** Knows when the engine itself answers: its receiving end is wrapped when the instance is connected. */
  #watch(product: Product): void {
    const server = serverOf(product);
    const connect = server.connect.bind(server);
    server.connect = async (transport) => {
      await connect(transport);
      const receive = transport.onmessage as Receive;
      transport.onmessage = ((message: JSONRPCMessage, extra?: unknown) => {
        this.#handing = true;
        try {
          receive(message, extra);
        } finally {
          this.#handing = false;
        }
      }) as typeof transport.onmessage;
    };
  }

  deliver(request: number, message: Incoming): void {
    if (message.method !== undefined && message.id !== undefined) {
      this.#pending.set(request, { id: message.id, toolCall: message.method === 'tools/call' });
      message.id = request;
    }
    this.onmessage?.(asMessage(message));
  }

  /** The client has closed the response stream: the call is cancelled, and never answered. */
  abandon(request: number): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    this.#pending.delete(request);
    if (pending.toolCall) this.#cancelled.add(request);
    else this.#port.settled(request);
    const message: Incoming = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: request },
    };
    this.onmessage?.(asMessage(message));
  }

  #callEnded(request: number): void {
    if (this.#cancelled.delete(request)) this.#port.settled(request);
  }

  async start(): Promise<void> {}

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const outgoing = asOutgoing(message);
    if (isAnswer(outgoing)) this.#answer(outgoing);
    else this.#tell(outgoing, options?.relatedRequestId as number | undefined);
    return Promise.resolve();
  }

  #answer(message: Outgoing): void {
    const request = message.id as number;
    const pending = this.#pending.get(request);
    if (pending === undefined) return; // cancelled
    this.#pending.delete(request);
    const { id } = pending;
    message.id = id;
    if (message.result?._meta?.[SUBSCRIPTION_ID_META_KEY] === request)
      message.result._meta[SUBSCRIPTION_ID_META_KEY] = id;
    const status = message.error ? ladderStatus(message.error.code, this.#handing) : 200;
    this.#port.response(request, JSON.stringify(message), message.error !== undefined, status);
  }

  #tell(message: Outgoing, related: number | undefined): void {
    const subscription = message.params?._meta?.[SUBSCRIPTION_ID_META_KEY] as number | undefined;
    const request = subscription ?? related;
    const id = request === undefined ? undefined : this.#pending.get(request)?.id;
    if (request === undefined || id === undefined) return; // this revision has no unrelated messages
    if (subscription !== undefined)
      message.params = {
        ...message.params,
        _meta: { ...message.params?._meta, [SUBSCRIPTION_ID_META_KEY]: id },
      };
    this.#port.related(request, JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}
