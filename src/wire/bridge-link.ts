/**
 * The link between a stdio bridge and the host: a stream of messages each way that outlives the sockets that carry it.
 * Each side counts what it has received of a link and keeps what the other has not acknowledged; a bridge that comes
 * back says its count, is told the host's, and both send on from there, so that nothing is lost or sent twice. A link
 * that the host does not know (it restarted, or gave the bridge up) starts anew at zero.
 *
 * On the socket are frames of frames.ts. Control frames carry JSON, since a bridge may be older than its host:
 *
 *     bridge → host   hello | deliver(number of the message) … ack | bye
 *     host → bridge   welcome or refused | response(number of the request) | related(same) | emit … ack | session | bye
 */
/** Changes when an older bridge could not talk to a newer host, or the other way. */
export const LINK_VERSION = 1;

/** The bridge's first frame. `session` is resumed where the host does not know `link` any more. */
export interface Hello {
  type: 'hello';
  version: number;
  pid: number;
  link?: string;
  received: number;
  session?: string;
}

/** `resumed`: the host knows the link and has received that many of its messages; else `link` is a new one. */
export interface Welcome {
  type: 'welcome';
  link: string;
  resumed: boolean;
  received: number;
  session?: string;
}

/** All messages up to this number are received. */
export interface Ack {
  type: 'ack';
  received: number;
}

/** Bridge: the client has gone, end its session. Host: done. */
export interface Bye {
  type: 'bye';
}

export interface Refused {
  type: 'refused';
  reason: string;
}

/** The session of the link from now on; without `id`: it has ended. */
export interface SessionChanged {
  type: 'session';
  id?: string;
}

export type BridgeControl = Hello | Ack | Bye;
export type HostControl = Welcome | Refused | SessionChanged | Ack | Bye;

/** What the peer sent can not be right: the counts of both sides mean nothing any more. */
export class LinkViolation extends Error {
  override readonly name = 'LinkViolation';
}

/** One side's messages that the other has not acknowledged, numbered from 1. */
export class Outbox<T extends { readonly bytes: number }> {
  #items: T[] = [];
  #acknowledged = 0;
  /** Unacknowledged bytes. */
  bytes = 0;

  /** @returns the message's number. */
  push(item: T): number {
    this.bytes += item.bytes;
    return this.#acknowledged + this.#items.push(item);
  }

  /** @throws LinkViolation where the peer acknowledges what it was never sent, or takes an acknowledgement back. */
  acknowledge(received: number): void {
    const count = received - this.#acknowledged;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.#items.length)
      throw new LinkViolation(`message ${received} is acknowledged: ${this.#describe()}`);
    for (const item of this.#items.splice(0, count)) this.bytes -= item.bytes;
    this.#acknowledged = received;
  }

  #describe(): string {
    return `${this.#acknowledged} were before, ${this.#acknowledged + this.#items.length} are sent`;
  }

  /** What is not acknowledged, with its numbers, oldest first. */
  *unacknowledged(): Generator<[number, T]> {
    for (const [index, item] of this.#items.entries()) yield [this.#acknowledged + 1 + index, item];
  }
}

/** A message's number as the frame's header carries it. */
export const wireNumber = (number: number): number => number >>> 0;
