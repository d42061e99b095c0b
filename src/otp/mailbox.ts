/** Messages in order of arrival. Those of servers can be taken first, which is how a table comes to rest. */
import type { Envelope } from './envelope.ts';

/** A consumed head is cut off once it is this long: amortised O(1), and small mailboxes never copy. */
const COMPACT_AT = 256;

export class Mailbox {
  #items: Envelope[] = [];
  #head = 0;
  #fromServers = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** How many of them were sent by a server at work. */
  get fromServers(): number {
    return this.#fromServers;
  }

  push(envelope: Envelope): void {
    this.#items.push(envelope);
    if (envelope.origin !== 'outside') this.#fromServers += 1;
  }

  shift(): Envelope | undefined {
    const envelope = this.#items[this.#head];
    if (envelope === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    if (envelope.origin !== 'outside') this.#fromServers -= 1;
    return envelope;
  }

  /** The first message of a server; those from outside keep their places. */
  shiftFromServer(): Envelope | undefined {
    if (this.#fromServers === 0) return undefined;
    const index = this.#items.findIndex((item, at) => at >= this.#head && item.origin !== 'outside');
    const [envelope] = this.#items.splice(index, 1);
    this.#fromServers -= 1;
    return envelope;
  }

  prepend(envelopes: readonly Envelope[]): void {
    this.#replace([...envelopes, ...this.list()]);
  }

  list(): Envelope[] {
    return this.#items.slice(this.#head);
  }

  /** Empties the mailbox and returns what was in it. */
  clear(): Envelope[] {
    const envelopes = this.list();
    this.#replace([]);
    return envelopes;
  }

  #replace(envelopes: Envelope[]): void {
    this.#items = envelopes;
    this.#head = 0;
    this.#fromServers = envelopes.filter(({ origin }) => origin !== 'outside').length;
  }
}
