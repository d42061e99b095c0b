/** The open channels of a runner: the shared one (or, where the factory asks for its context, one a request) and one a session. */
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { FrameKind, type HostMessage, type Replay } from '../wire/index.ts';
import type { Product } from './call-end.ts';
import { type Incoming, parse } from './json-rpc.ts';
import { openSessions } from './open-sessions.ts';
import type { ChannelPort } from './port.ts';
import { SessionChannel } from './session-channel.ts';
import { SharedChannel } from './shared-channel.ts';

export interface ChannelsOutput {
  port(channel: number): ChannelPort;
  unhydrated(channel: number, reason: string): void;
  report(error: Error): void;
}

interface Shared {
  channel: number;
  /** The channel that serves this request. */
  of(request: number): SharedChannel | undefined;
  products(): Product[];
}

export class Channels {
  readonly #factory: McpServerFactory;
  readonly #output: ChannelsOutput;
  readonly #idPrefix: string;
  readonly #sessions = new Map<number, SessionChannel>();
  readonly #opening = new Set<Promise<void>>();
  #shared: Shared | undefined;

  constructor(factory: McpServerFactory, idPrefix: string, output: ChannelsOutput) {
    this.#factory = factory;
    this.#idPrefix = idPrefix;
    this.#output = output;
  }

  open(message: HostMessage & { type: 'open' }): void {
    if (message.era === '2026') this.#openShared(message.channel);
    else this.#openSession(message.channel, message.replay);
  }

  #openShared(channel: number): void {
    const report = this.#output.report;
    if (this.#factory.length === 0) {
      const shared = new SharedChannel(this.#output.port(channel));
      shared.open(this.#factory, report);
      this.#shared = { channel, of: () => shared, products: () => (shared.product ? [shared.product] : []) };
    } else this.#shared = this.#perRequest(channel, report);
  }

  /** A factory that takes the context may build something else for each client: one instance a request. */
  #perRequest(channel: number, report: (error: Error) => void): Shared {
    const open = new Map<number, SharedChannel>();
    const port = this.#output.port(channel);
    const end = (request: number): void => {
      const shared = open.get(request);
      open.delete(request);
      if (shared) queueMicrotask(() => void shared.close());
    };
    const closing: ChannelPort = {
      ...port,
      response: (request, json, error, status) => {
        port.response(request, json, error, status);
        end(request);
      },
      settled: (request) => {
        port.settled(request);
        end(request);
      },
    };
    const of = (request: number): SharedChannel | undefined => {
      let shared = open.get(request);
      if (!shared && request !== 0) {
        shared = new SharedChannel(closing);
        shared.open(this.#factory, report);
        open.set(request, shared);
      }
      return shared;
    };
    const products = (): Product[] => [...open.values()].flatMap((shared) => shared.product ?? []);
    return { channel, of, products };
  }

  #openSession(channel: number, replay: Replay): void {
    const session = new SessionChannel(replay.sessionId, this.#output.port(channel), this.#idPrefix);
    this.#sessions.set(channel, session);
    openSessions.opened(replay.sessionId, session);
    const opening = session
      .open(() => this.#factory({ era: 'legacy' }), replay)
      .catch((error: Error) => {
        this.#forget(channel, session);
        void session.close();
        this.#output.unhydrated(channel, error.message);
      })
      .finally(() => this.#opening.delete(opening));
    this.#opening.add(opening);
  }

  frame(kind: FrameKind, channel: number, request: number, payload: Buffer): void {
    if (kind === FrameKind.abandon) this.#shared?.of(request)?.abandon(request);
    else if (kind === FrameKind.deliver) this.#deliver(channel, request, parse(payload));
  }

  #deliver(channel: number, request: number, message: Incoming): void {
    if (channel === this.#shared?.channel) this.#shared.of(request)?.deliver(request, message);
    else this.#sessions.get(channel)?.deliver(request, message);
  }

  close(channel: number): void {
    const session = this.#sessions.get(channel);
    if (session) this.#forget(channel, session);
    void session?.product?.close();
  }

  #forget(channel: number, session: SessionChannel): void {
    this.#sessions.delete(channel);
    openSessions.closed(session.sessionId, session);
  }

  /** Resolves when every session that is being rebuilt now has its instance. */
  async hydrated(): Promise<void> {
    await Promise.all(this.#opening);
  }

  /** The instances that clients hold now. */
  products(): Product[] {
    const sessions = [...this.#sessions.values()].flatMap((session) => session.product ?? []);
    return [...sessions, ...(this.#shared?.products() ?? [])];
  }
}
