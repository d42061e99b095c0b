/** Keeps one socket to the host: connects, says hello, and starts over with growing pauses whenever that fails or breaks. */
import { connect, type Socket } from 'node:net';
import type { BridgeControl, Hello, HostControl, Welcome } from '../wire/bridge-link.ts';
import { type LinkHandler, LinkSocket } from '../wire/bridge-socket.ts';
import { MAX_FRAME_BYTES } from '../wire/frames.ts';

export type HostSocket = LinkSocket<HostControl, BridgeControl>;

export interface ConnectorEvents extends LinkHandler<HostControl> {
  /** What to say in this attempt's hello. */
  hello(): Hello;
  welcome(socket: HostSocket, welcome: Welcome): void;
  /** An attempt failed; another follows. */
  failed(reason: string): void;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;
/** From the start of an attempt to the host's welcome. */
const WELCOME_MS = 5_000;

export class Connector {
  readonly #path: string;
  readonly #events: ConnectorEvents;
  #stopped = false;
  #pause = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;

  constructor(path: string, events: ConnectorEvents) {
    this.#path = path;
    this.#events = events;
  }

  start(): void {
    if (this.#stopped) return;
    const socket = connect(this.#path);
    this.#socket = socket;
    let reason = 'no answer to the hello';
    let settled = false;
    const fail = (cause?: Error): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      socket.destroy();
      if (this.#stopped) return;
      this.#events.failed(cause?.message ?? reason);
      this.#again();
    };
    const deadline = setTimeout(fail, WELCOME_MS);
    const link: HostSocket = new LinkSocket<HostControl, BridgeControl>(
      socket,
      {
        control: (message) => {
          if (message.type === 'refused') reason = message.reason;
          if (message.type !== 'welcome' || settled) return;
          settled = true;
          clearTimeout(deadline);
          this.#pause = FIRST_PAUSE_MS;
          link.handTo({ ...this.#handler(), closed: (cause) => this.#broken(cause) });
          this.#events.welcome(link, message);
        },
        data: () => {},
        closed: fail,
      },
      MAX_FRAME_BYTES,
    );
    socket.once('connect', () => link.control(this.#events.hello()));
  }

  #handler(): Omit<LinkHandler<HostControl>, 'closed'> {
    return {
      control: (message) => this.#events.control(message),
      data: (kind, request, payload) => this.#events.data(kind, request, payload),
    };
  }

  #broken(cause: Error | undefined): void {
    this.#events.closed(cause);
    this.#again();
  }

  /** The next attempt, after a pause with some chance in it, so that the bridges of a node do not come all at once. */
  #again(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.start(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  /** No more attempts; a socket that is open stays so. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Ends the socket. */
  destroy(): void {
    this.stop();
    this.#socket?.destroy();
  }
}
