/**
 * What became of each message of the client: waiting to be sent, sent and not answered, or done. A request that the
 * ledger has taken leaves it exactly once: answered, cancelled by the client, or handed back to be answered by the bridge.
 */

import { wireNumber } from '../wire/bridge-link.ts';
import type { ClientMessage, RequestId } from './client-message.ts';

export class Ledger {
  #queue: ClientMessage[] = [];
  /** Bytes that wait to be sent. */
  queuedBytes = 0;
  readonly #sent = new Map<number, ClientMessage>();
  /** The requests that wait for an answer, sent or not. */
  readonly #open = new Map<RequestId, ClientMessage>();

  has(id: RequestId): boolean {
    return this.#open.has(id);
  }

  /** Requests without an answer, save those that stay open for as long as the client listens. */
  get awaited(): number {
    let count = 0;
    for (const message of this.#open.values()) if (message.method !== 'subscriptions/listen') count++;
    return count;
  }

  /** Takes a request of the client; every one goes through here once. */
  open(request: ClientMessage): void {
    this.#open.set(request.id!, request);
  }

  enqueue(message: ClientMessage): void {
    this.#queue.push(message);
    this.queuedBytes += message.bytes;
  }

  /** Takes all that waits to be sent, oldest first. */
  takeQueue(): ClientMessage[] {
    const queue = this.#queue;
    this.#queue = [];
    this.queuedBytes = 0;
    return queue;
  }

  /** Puts messages before all that waits. */
  requeue(messages: readonly ClientMessage[]): void {
    this.#queue.unshift(...messages);
    for (const message of messages) this.queuedBytes += message.bytes;
  }

  /** The request is on its way under this number of the link. */
  sent(number: number, request: ClientMessage): void {
    this.#sent.set(wireNumber(number), request);
  }

  /** True while the client waits for the answer to this request. */
  awaits(number: number): boolean {
    const request = this.#sent.get(number);
    return request !== undefined && this.#open.get(request.id!) === request;
  }

  /** The request that an answer is for; undefined where nobody waits for it any more. */
  answered(number: number): ClientMessage | undefined {
    const request = this.#sent.get(number);
    if (!request) return undefined;
    this.#sent.delete(number);
    return this.#close(request) ? request : undefined;
  }

  #close(request: ClientMessage): boolean {
    return this.#open.get(request.id!) === request && this.#open.delete(request.id!);
  }

  /** The client wants no answer to this request. @returns true where it was never sent, and so need not be. */
  cancel(id: RequestId): boolean {
    const request = this.#open.get(id);
    if (!request) return false;
    this.#close(request);
    const at = this.#queue.indexOf(request);
    if (at < 0) return false;
    this.#queue.splice(at, 1);
    this.queuedBytes -= request.bytes;
    return true;
  }

  /** Hands back what was sent and not answered; no answer to it will be taken. `keep`: those to be sent again stay open. */
  takeSent(keep: (request: ClientMessage) => boolean): { again: ClientMessage[]; lost: ClientMessage[] } {
    const open = [...this.#sent.values()].filter((request) => this.#open.get(request.id!) === request);
    this.#sent.clear();
    const lost = open.filter((request) => !keep(request));
    for (const request of lost) this.#close(request);
    return { again: open.filter(keep), lost };
  }

  /** Hands back the requests that were never sent and fulfil `which`; `forget` says which other messages go too. */
  takeQueued(
    which: (request: ClientMessage) => boolean,
    forget: (message: ClientMessage) => boolean,
  ): ClientMessage[] {
    const queue = this.takeQueue();
    const taken = queue.filter((message) => message.kind === 'request' && which(message));
    for (const request of taken) this.#close(request);
    this.requeue(
      queue.filter((message) => (message.kind === 'request' ? !which(message) : !forget(message))),
    );
    return taken;
  }
}
