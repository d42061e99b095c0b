/** Messages in order of arrival. Those of servers, or those to the process itself, can be taken before the others. */
import type { Envelope } from './envelope.ts';

const SMALLEST = 16;

const isFromServer = ({ origin }: Envelope): boolean => origin !== 'outside';
const isToTheProcess = ({ kind }: Envelope): boolean => kind === 'system' || kind === 'signal';

/** A ring whose size is a power of two, so that taking and adding never copy. */
export class Mailbox {
  #ring: (Envelope | undefined)[] = new Array(SMALLEST).fill(undefined);
  #head = 0;
  #length = 0;
  #fromServers = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of them were sent by a server at work. */
  get fromServers(): number {
    return this.#fromServers;
  }

  push(envelope: Envelope): void {
    if (this.#length === this.#ring.length) this.#fill(this.list());
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = envelope;
    this.#length += 1;
    if (envelope.origin !== 'outside') this.#fromServers += 1;
  }

  shift(): Envelope | undefined {
    if (this.#length === 0) return undefined;
    const envelope = this.#ring[this.#head]!;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    if (envelope.origin !== 'outside') this.#fromServers -= 1;
    return envelope;
  }

  /** The first message of a server; those from outside keep their places. */
  shiftFromServer(): Envelope | undefined {
    return this.#fromServers === 0 ? undefined : this.#shiftFirst(isFromServer);
  }

  /** The first message to the process itself; those to its callbacks keep their places. */
  shiftToTheProcess(): Envelope | undefined {
    return this.#shiftFirst(isToTheProcess);
  }

  prepend(envelopes: readonly Envelope[]): void {
    this.#replace([...envelopes, ...this.list()]);
  }

  list(): Envelope[] {
    return Array.from({ length: this.#length }, (_, at) => this.#at(at));
  }

  /** Takes out those of which `chosen` is true. */
  remove(chosen: (envelope: Envelope) => boolean): Envelope[] {
    const { yes = [], no = [] } = Object.groupBy(this.list(), (envelope) =>
      chosen(envelope) ? 'yes' : 'no',
    );
    if (yes.length > 0) this.#replace(no);
    return yes;
  }

  /** Empties the mailbox and returns what was in it. */
  clear(): Envelope[] {
    const envelopes = this.list();
    this.#replace([]);
    return envelopes;
  }

  #at(index: number): Envelope {
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)]!;
  }

  /** Those before the chosen one move up by a place; those behind it, which may be many, stay. */
  #shiftFirst(chosen: (envelope: Envelope) => boolean): Envelope | undefined {
    for (let at = 0; at < this.#length; at += 1) {
      const envelope = this.#at(at);
      if (!chosen(envelope)) continue;
      const mask = this.#ring.length - 1;
      for (let to = at; to > 0; to -= 1) this.#ring[(this.#head + to) & mask] = this.#at(to - 1);
      this.#ring[this.#head] = envelope;
      return this.shift();
    }
    return undefined;
  }

  #replace(envelopes: Envelope[]): void {
    this.#fill(envelopes);
    this.#fromServers = envelopes.filter(isFromServer).length;
  }

  /** Leaves room for one more, at least. */
  #fill(envelopes: Envelope[]): void {
    const size = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(envelopes.length + 1)));
    this.#ring = [...envelopes, ...new Array<undefined>(size - envelopes.length).fill(undefined)];
    this.#head = 0;
    this.#length = envelopes.length;
  }
}
