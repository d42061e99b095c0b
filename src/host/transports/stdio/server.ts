/**
 * The stdio transport of the host: MCP clients launch `erlmcp stdio`, and each of those bridges joins the node here.
 * A bridge whose socket breaks has a time of grace to come back; then its client counts as gone and its session ends.
 */
import { createServer, type Server, type Socket } from 'node:net';
import {
  type BridgeControl,
  type Hello,
  type HostControl,
  LINK_VERSION,
  LinkViolation,
} from '../../../wire/bridge-link.ts';
import { LinkSocket } from '../../../wire/bridge-socket.ts';
import type { Gateway } from '../../gateway.ts';
import type { Log } from '../../log.ts';
import { TransportCounters } from '../counters.ts';
import { BridgeLink, type BridgeSocket } from './bridge-link.ts';
import { listenOnSocket } from './socket-file.ts';

export interface StdioLimits {
  /** Longest message of a client, in bytes; a bridge lets 10 MiB through. Default 16 MiB. */
  maxMessageBytes: number;
  /** What is kept for a bridge that does not read, or is away, in bytes. Default 16 MiB; one message may exceed it. */
  maxHeldBytes: number;
  /** How long a bridge may be away until its session is ended. Default 60,000 ms. */
  graceMs: number;
  /** From a connection to its hello. Default 5,000 ms. */
  helloMs: number;
  /** Bridges at a time. Default 1,000. */
  maxConnections: number;
}

export interface StdioOptions {
  gateway: Gateway;
  /** Of the Unix socket: `$ERLMCP_HOME/run/stdio.sock`. */
  path: string;
  log: Log;
  /** True while an upgrade or a rollback runs. */
  upgrading(): boolean;
  /** Of the transport that was here before, to be counted on. */
  counters?: TransportCounters | undefined;
  limits?: Partial<StdioLimits>;
}

const MIB = 1024 * 1024;

const DEFAULTS: StdioLimits = {
  maxMessageBytes: 16 * MIB,
  maxHeldBytes: 16 * MIB,
  graceMs: 60_000,
  helloMs: 5_000,
  maxConnections: 1_000,
};

export class StdioServer {
  readonly address: string;
  readonly counters: TransportCounters;
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #upgrading: () => boolean;
  readonly #limits: StdioLimits;
  #server: Server | undefined;
  readonly #links = new Map<string, BridgeLink>();
  /** Connections without a hello so far. */
  readonly #strangers = new Set<BridgeSocket>();

  constructor({ gateway, path, log, upgrading, counters, limits }: StdioOptions) {
    this.address = path;
    this.counters = counters ?? new TransportCounters();
    this.#gateway = gateway;
    this.#log = log;
    this.#upgrading = upgrading;
    this.#limits = { ...DEFAULTS, ...limits };
  }

  async open(): Promise<void> {
    const server = createServer((socket) => this.#meet(socket));
    await listenOnSocket(server, this.address);
    server.on('error', (error) => this.#log.error('The stdio socket failed', { error }));
    this.#server = server;
  }

  /** Bridges that are connected now. */
  connections(): number {
    let count = 0;
    for (const link of this.#links.values()) if (link.connected) count++;
    return count;
  }

  /** Sessions of stdio clients, those of bridges on their way back included. */
  sessions(): number {
    let count = 0;
    for (const link of this.#links.values()) if (link.client.session) count++;
    return count;
  }

  /** Closes the socket and all connections; what belongs to the bridges is kept for when they are back. */
  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#strangers) socket.discard();
    this.#strangers.clear();
    for (const link of this.#links.values()) this.#lose(link);
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** The node goes down: sessions stay, as records that the bridges resume at the next one. */
  async close(): Promise<void> {
    await this.shut();
    for (const link of this.#links.values()) {
      link.close();
      link.client.leave();
    }
    this.#links.clear();
  }

  // A connection until its hello.

  #meet(raw: Socket): void {
    this.counters.connected(raw);
    const deadline = setTimeout(() => end(new Error('no hello')), this.#limits.helloMs);
    const leave = (): void => {
      clearTimeout(deadline);
      this.#strangers.delete(socket);
    };
    const end = (cause: Error | undefined): void => {
      leave();
      socket.discard();
      if (cause) this.#log.warn('A connection to the stdio socket was cut', { reason: cause.message });
    };
    const socket: BridgeSocket = new LinkSocket<BridgeControl, HostControl>(
      raw,
      {
        control: (message) => {
          leave();
          this.#hello(socket, requireHello(message));
        },
        data: () => {
          throw new LinkViolation('a message before the hello');
        },
        closed: end,
      },
      this.#limits.maxMessageBytes,
    );
    this.#strangers.add(socket);
  }

  #hello(socket: BridgeSocket, hello: Hello): void {
    const refusal = this.#refusal(hello);
    if (refusal) {
      socket.control({ type: 'refused', reason: refusal });
      socket.end();
      this.#log.warn('A stdio bridge was refused', { reason: refusal, pid: hello.pid });
      return;
    }
    const known = hello.link === undefined ? undefined : this.#links.get(hello.link);
    const link = known && !known.dead ? known : this.#newLink(known, hello.session);
    this.#join(link, socket, hello, link === known);
  }

  #refusal(hello: Hello): string | undefined {
    if (hello.version !== LINK_VERSION)
      return `the node speaks version ${LINK_VERSION} of the bridge protocol, the bridge version ${hello.version}: restart the MCP client`;
    const { maxConnections } = this.#limits;
    return this.connections() >= maxConnections
      ? `the node has the ${maxConnections} stdio bridges that it may have`
      : undefined;
  }

  #join(link: BridgeLink, socket: BridgeSocket, hello: Hello, resumed: boolean): void {
    link.connect(socket, resumed, hello.received);
    socket.handTo({
      control: (message) => this.#control(link, socket, message),
      data: (_kind, _number, json) => link.deliver(json),
      closed: (cause) => this.#disconnected(link, socket, cause),
    });
    clearTimeout(link.grace);
    if (link.cutInUpgrade) this.#log.info('Re-establishing transport connection', { pid: hello.pid });
    else this.#log.info('Transport stdio connected', { pid: hello.pid, resumed });
    link.cutInUpgrade = false;
  }

  /** Replaces the bridge's earlier link, if there is one still, and takes its session along. */
  #newLink(known: BridgeLink | undefined, sessionId: string | undefined): BridgeLink {
    const overflow = (): void => this.#overflow(link);
    const { maxHeldBytes } = this.#limits;
    const link = new BridgeLink(this.#gateway, this.#log, this.counters, maxHeldBytes, overflow);
    const earlier = known ?? this.#linkOf(sessionId);
    if (earlier) {
      link.cutInUpgrade = earlier.cutInUpgrade;
      this.#forget(earlier);
      earlier.client.leave();
    }
    const session = sessionId === undefined ? undefined : this.#gateway.findSession(sessionId);
    if (session?.transport === 'stdio') link.client.adopt(session);
    this.#links.set(link.id, link);
    return link;
  }

  #linkOf(sessionId: string | undefined): BridgeLink | undefined {
    if (sessionId === undefined) return undefined;
    for (const link of this.#links.values()) if (link.client.session?.id === sessionId) return link;
    return undefined;
  }

  // A bridge that has joined.

  #control(link: BridgeLink, socket: BridgeSocket, message: BridgeControl): void {
    if (message.type === 'ack') link.acknowledge(message.received);
    else if (message.type === 'bye') void this.#bye(link, socket);
    else throw new LinkViolation(`a control frame ${message.type}`);
  }

  async #bye(link: BridgeLink, socket: BridgeSocket): Promise<void> {
    this.#links.delete(link.id);
    clearTimeout(link.grace);
    await this.#endClient(link, 'its client has gone');
    socket.control({ type: 'bye' });
    socket.end();
    this.#log.info('Transport stdio closed by its client');
  }

  async #endClient(link: BridgeLink, reason: string): Promise<void> {
    try {
      await link.client.end(reason);
    } catch (error) {
      this.#log.error('A session of a stdio client could not be ended', { error });
    }
  }

  #disconnected(link: BridgeLink, socket: BridgeSocket, cause: Error | undefined): void {
    if (!link.disconnect(socket) || !this.#links.has(link.id)) return;
    // Its counts mean nothing any more; only the session can go on.
    if (cause instanceof LinkViolation) link.close();
    this.#away(link, cause);
  }

  /** Cuts the socket of a bridge that may come back. */
  #lose(link: BridgeLink): void {
    if (!link.connected) return;
    link.discardSocket();
    this.#away(link, undefined);
  }

  #away(link: BridgeLink, cause: Error | undefined): void {
    link.cutInUpgrade ||= this.#upgrading();
    const reason = cause ? { reason: cause.message } : {};
    if (link.cutInUpgrade) this.#log.warn('Transport stdio disconnected during upgrade', reason);
    else this.#log.info('Transport stdio disconnected', reason);
    clearTimeout(link.grace);
    link.grace = setTimeout(() => void this.#giveUp(link), this.#limits.graceMs);
  }

  async #giveUp(link: BridgeLink): Promise<void> {
    this.#forget(link);
    this.#log.info('Transport stdio given up: its bridge has not come back');
    await this.#endClient(link, 'its bridge has not come back');
  }

  #forget(link: BridgeLink): void {
    this.#links.delete(link.id);
    link.close();
  }

  #overflow(link: BridgeLink): void {
    this.#log.warn('A stdio bridge was cut: it does not read', { maxHeldBytes: this.#limits.maxHeldBytes });
    link.discardSocket();
    this.#away(link, undefined);
  }
}

function requireHello(message: BridgeControl): Hello {
  const { type, version, pid, received, link, session } = message as Partial<Hello>;
  const text = (value: unknown): boolean => value === undefined || typeof value === 'string';
  const right =
    type === 'hello' &&
    Number.isSafeInteger(version) &&
    Number.isSafeInteger(pid) &&
    Number.isSafeInteger(received) &&
    text(link) &&
    text(session);
  if (!right) throw new LinkViolation('a first frame that is no hello');
  return message as Hello;
}
