/** The bridge's end of the link to the host, which outlives the sockets it runs over. */

import {
  type Bye,
  type Hello,
  LINK_VERSION,
  LinkViolation,
  Outbox,
  type Welcome,
  wireNumber,
} from '../wire/bridge-link.ts';
import { FrameKind } from '../wire/frames.ts';
import type { ClientMessage } from './client-message.ts';
import type { HostSocket } from './connector.ts';

export class HostLink {
  #socket: HostSocket | undefined;
  #id: string | undefined;
  #outbox = new Outbox<ClientMessage>();
  #received = 0;
  /** The session that the host has for this client. */
  session: string | undefined;

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  /** Bytes that the host has not acknowledged. */
  get heldBytes(): number {
    return this.#outbox.bytes;
  }

  hello(): Hello {
    return {
      type: 'hello',
      version: LINK_VERSION,
      pid: process.pid,
      received: this.#received,
      ...(this.#id === undefined ? {} : { link: this.#id }),
      ...(this.session === undefined ? {} : { session: this.session }),
    };
  }

  /**
   * Goes on over a new socket. @returns undefined where the host knows the link; else what the host is not known to
   * have of the old one.
   */
  adopt(socket: HostSocket, welcome: Welcome): ClientMessage[] | undefined {
    this.#socket = socket;
    this.session = welcome.session;
    if (welcome.resumed) {
      this.#outbox.acknowledge(welcome.received);
      for (const [number, message] of this.#outbox.unacknowledged()) this.#write(number, message);
      return undefined;
    }
    const uncertain = [...this.#outbox.unacknowledged()].map(([, message]) => message);
    this.#id = welcome.link;
    this.#received = 0;
    this.#outbox = new Outbox();
    return uncertain;
  }

  disconnected(cause: Error | undefined): void {
    this.#socket = undefined;
    if (cause instanceof LinkViolation) this.#id = undefined;
  }

  /** @returns the message's number. */
  send(message: ClientMessage): number {
    const number = this.#outbox.push(message);
    this.#write(number, message);
    return number;
  }

  #write(number: number, message: ClientMessage): void {
    this.#socket?.send(FrameKind.deliver, wireNumber(number), message.raw);
  }

  /** Counts a message of the host. */
  count(): void {
    this.#received += 1;
    this.#socket?.acknowledge(this.#received);
  }

  acknowledge(received: number): void {
    this.#outbox.acknowledge(received);
  }

  bye(message: Bye): void {
    this.#socket?.control(message);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }
}
