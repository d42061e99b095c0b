/**
 * What a transport has carried since it was opened first: plain sums, so that a message costs an addition. Bytes are the
 * sockets' own, added when one closes; those that are open are asked when somebody looks.
 */
import type { Socket } from 'node:net';

export class TransportCounters {
  readonly since = new Date();
  /** Connections taken so far. */
  connections = 0;
  /** JSON-RPC requests. */
  requests = 0;
  /** Notifications, and clients' answers to requests of the server. */
  notifications = 0;
  /** Answers to requests; of HTTP also refusals. */
  answers = 0;
  /** Of the answers: JSON-RPC errors and HTTP refusals. */
  errors = 0;
  readonly #open = new Set<Socket>();
  #bytesIn = 0;
  #bytesOut = 0;

  /** Counts the connection, and what it carries. */
  connected(socket: Socket): void {
    this.connections++;
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#bytesIn += socket.bytesRead;
      this.#bytesOut += socket.bytesWritten;
    });
  }

  answered(failed: boolean): void {
    this.answers++;
    if (failed) this.errors++;
  }

  get bytesIn(): number {
    let sum = this.#bytesIn;
    for (const { bytesRead } of this.#open) sum += bytesRead;
    return sum;
  }

  get bytesOut(): number {
    let sum = this.#bytesOut;
    for (const { bytesWritten } of this.#open) sum += bytesWritten;
    return sum;
  }
}
