/**
 * The host's end of the link to one bridge. It outlives its sockets: while the bridge is away its answers are kept, up to a
 * limit. A link that went over the limit is dead: it takes and brings nothing more, and only its session can be resumed.
 */
import { randomUUID } from 'node:crypto';
import {
  type BridgeControl,
  type HostControl,
  Outbox,
  type Welcome,
  wireNumber,
} from '../../../wire/bridge-link.ts';
import type { LinkSocket } from '../../../wire/bridge-socket.ts';
import { FrameKind } from '../../../wire/frames.ts';
import type { Gateway, Session } from '../../gateway.ts';
import type { Log } from '../../log.ts';
import type { TransportCounters } from '../counters.ts';
import { StdioClient } from './client.ts';

export type BridgeSocket = LinkSocket<BridgeControl, HostControl>;

interface Outgoing {
  kind: FrameKind;
  request: number;
  json: Buffer;
  bytes: number;
}

export class BridgeLink {
  /** Known to the bridge only; whoever says it is that bridge. */
  readonly id = randomUUID();
  readonly client: StdioClient;
  readonly #maxHeldBytes: number;
  readonly #onOverflow: () => void;
  #socket: BridgeSocket | undefined;
  readonly #outbox = new Outbox<Outgoing>();
  #received = 0;
  #dead = false;
  /** Its socket broke while an upgrade ran, and the bridge has not been back since. */
  cutInUpgrade = false;
  /** Ends the link of a bridge that does not come back. */
  grace: NodeJS.Timeout | undefined;

  constructor(
    gateway: Gateway,
    log: Log,
    counters: TransportCounters,
    maxHeldBytes: number,
    onOverflow: () => void,
  ) {
    this.#maxHeldBytes = maxHeldBytes;
    this.#onOverflow = onOverflow;
    this.client = new StdioClient(
      gateway,
      {
        response: (number, json) => this.#send(FrameKind.response, number, json),
        related: (number, json) => this.#send(FrameKind.related, number, json),
        emit: (json) => this.#send(FrameKind.emit, 0, json),
        sessionChanged: (session) => this.#socket?.control({ type: 'session', ...idOf(session) }),
      },
      log,
      counters,
    );
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Goes on over this socket. @throws LinkViolation where the bridge has received what was never sent. */
  connect(socket: BridgeSocket, resumed: boolean, received: number): void {
    if (resumed) this.#outbox.acknowledge(received);
    this.#socket?.discard();
    this.#socket = socket;
    socket.control(this.#welcome(resumed));
    for (const [, { kind, request, json }] of this.#outbox.unacknowledged()) socket.send(kind, request, json);
  }

  #welcome(resumed: boolean): Welcome {
    const { session } = this.client;
    return {
      type: 'welcome',
      link: this.id,
      resumed,
      received: this.#received,
      ...(session ? { session: session.id } : {}),
    };
  }

  /** The socket is gone. @returns false where it was not the current one any more. */
  disconnect(socket: BridgeSocket): boolean {
    if (this.#socket !== socket) return false;
    this.#socket = undefined;
    return true;
  }

  acknowledge(received: number): void {
    this.#outbox.acknowledge(received);
  }

  deliver(json: Buffer): void {
    this.#received += 1;
    this.#socket?.acknowledge(this.#received);
    this.client.deliver(this.#received, json);
  }

  #send(kind: FrameKind, number: number, json: Buffer): void {
    if (this.#dead) return;
    if (this.#outbox.bytes > this.#maxHeldBytes) {
      this.#dead = true;
      this.#onOverflow();
      return;
    }
    const request = wireNumber(number);
    this.#outbox.push({ kind, request, json, bytes: json.length });
    this.#socket?.send(kind, request, json);
  }

  /** Nothing more is taken or brought over this link. */
  close(): void {
    this.#dead = true;
    clearTimeout(this.grace);
    this.discardSocket();
  }

  discardSocket(): void {
    this.#socket?.discard();
    this.#socket = undefined;
  }
}

const idOf = (session: Session | undefined): { id?: string } => (session ? { id: session.id } : {});
