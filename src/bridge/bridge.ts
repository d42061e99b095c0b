/**
 * Joins one MCP client with the node. Every request of the client is answered once: by the host, or, when the
 * connection to it broke, by the bridge with what is known of its outcome. What was sent over a link that the host no
 * longer knows is never sent again, save what has no effect (`opensConnection`, `statesFact`).
 */
import { type ClientErrorName, clientError } from '../errors/index.ts';
import type { HostControl } from '../wire/bridge-link.ts';
import { FrameKind } from '../wire/frames.ts';
import {
  BadMessage,
  type ClientMessage,
  INVALID_REQUEST,
  opensConnection,
  opensSession,
  oversizedRequestId,
  parseClientMessage,
  statesFact,
} from './client-message.ts';
import { Connector } from './connector.ts';
import { HostLink } from './host-link.ts';
import { Ledger } from './ledger.ts';
import { SessionKeeper, type Verdict } from './session-keeper.ts';
import type { BridgeSettings, BridgeSurroundings } from './settings.ts';
import { within } from './within.ts';

const BYE_MS = 1_000;

export class Bridge {
  readonly #settings: BridgeSettings;
  readonly #around: BridgeSurroundings;
  readonly #connector: Connector;
  readonly #ledger = new Ledger();
  readonly #link = new HostLink();
  readonly #session = new SessionKeeper(this.#link);
  /** The node has been away for too long: requests are answered at once. */
  #unreachable = false;
  #offlineTimer: NodeJS.Timeout | undefined;
  #refusal = '';
  #saidAway = false;
  #onIdle: () => void = () => {};
  #onBye: () => void = () => {};

  constructor(settings: BridgeSettings, around: BridgeSurroundings) {
    this.#settings = settings;
    this.#around = around;
    this.#connector = new Connector(settings.path, {
      hello: () => this.#link.hello(),
      welcome: (socket, welcome) => this.#welcome(this.#link.adopt(socket, welcome)),
      control: (message) => this.#control(message),
      data: (kind, request, payload) => this.#data(kind, request, payload),
      closed: (cause) => this.#disconnected(cause),
      failed: (reason) => this.#failed(reason),
    });
  }

  start(): void {
    this.#awaitNode();
    this.#connector.start();
  }

  // From the client.

  line(line: Buffer): void {
    try {
      this.#take(parseClientMessage(line));
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#around.client.error(error.id, { code: error.code, message: error.message });
    }
  }

  oversized(head: string, tail: string): void {
    const limit = this.#settings.maxLineBytes;
    const message = `Invalid Request: the message is longer than ${limit} bytes`;
    const id = oversizedRequestId(head, tail);
    this.#around.client.error(id === undefined || this.#ledger.has(id) ? null : id, {
      code: INVALID_REQUEST,
      message,
    });
  }

  /** The client reads again. */
  drained(): void {
    this.#link.resume();
  }

  #take(message: ClientMessage): void {
    if (message.kind === 'request') {
      if (this.#ledger.has(message.id!))
        throw new BadMessage(
          INVALID_REQUEST,
          `Invalid Request: id ${message.id} is in use by another request`,
        );
      if (this.#refuses(message)) return;
      this.#ledger.open(message);
    } else if (message.cancels !== undefined && this.#ledger.cancel(message.cancels)) return;
    this.#session.sees(message);
    this.#pass(message);
  }

  #refuses(request: ClientMessage): boolean {
    if (this.#unreachable) this.#answer(request, 'node_unreachable');
    else if (this.#session.lost && belongsToSession(request)) this.#answer(request, 'session_lost');
    else if (!this.#online && this.#overfull(request)) this.#answer(request, 'node_unreachable');
    else return false;
    return true;
  }

  #overfull(message: ClientMessage): boolean {
    return this.#ledger.queuedBytes + message.bytes > this.#settings.maxHeldBytes;
  }

  #pass(message: ClientMessage): void {
    if (this.#session.lost && belongsToSession(message)) return;
    if (this.#online && this.#session.lacking && belongsToSession(message)) this.#restore();
    if (this.#online) this.#send(message);
    else if (message.kind === 'request') this.#ledger.enqueue(message);
    else this.#keep(message);
  }

  #keep(message: ClientMessage): void {
    if (this.#unreachable && !statesFact(message)) return;
    if (!this.#overfull(message)) this.#ledger.enqueue(message);
    else this.#around.say(`${message.method || 'an answer'} was dropped: too much waits for the node`);
  }

  // To the host.

  get #online(): boolean {
    return this.#link.connected && !this.#session.restoring;
  }

  #send(message: ClientMessage): void {
    const number = this.#link.send(message);
    if (message.kind === 'request') this.#ledger.sent(number, message);
    if (this.#link.heldBytes > this.#settings.maxHeldBytes) this.#around.readClient(false);
  }

  #goOnline(): void {
    this.#unreachable = false;
    clearTimeout(this.#offlineTimer);
    this.#offlineTimer = undefined;
    for (const message of this.#ledger.takeQueue()) this.#send(message);
  }

  // The connection to the host.

  /** @param uncertain undefined where the link goes on; else what a host that has forgotten it may have of it or not. */
  #welcome(uncertain: ClientMessage[] | undefined): void {
    if (this.#around.client.full) this.#link.pause();
    if (uncertain) this.#startAnew(uncertain);
    if (this.#saidAway) this.#around.say('connected to the node');
    this.#saidAway = false;
    this.#refusal = '';
    if (this.#session.resumes()) return;
    if (this.#session.lacking) this.#restore();
    else this.#goOnline();
  }

  #startAnew(uncertain: ClientMessage[]): void {
    this.#session.forgetAttempt();
    const { again, lost } = this.#ledger.takeSent(opensConnection);
    for (const request of lost) this.#answer(request, 'node_lost');
    this.#ledger.requeue([...again, ...uncertain.filter(statesFact)]);
  }

  #disconnected(cause: Error | undefined): void {
    this.#link.disconnected(cause);
    this.#around.readClient(true);
    this.#away(`the connection to the node broke${cause ? ` (${cause.message})` : ''}`);
    this.#awaitNode();
    this.#onBye();
  }

  #failed(reason: string): void {
    this.#refusal = reason;
    this.#away(`no node answers at ${this.#settings.path} (${reason})`);
  }

  #away(what: string): void {
    if (!this.#saidAway) this.#around.say(`${what}; trying again`);
    this.#saidAway = true;
  }

  #awaitNode(): void {
    this.#offlineTimer ??= setTimeout(() => {
      this.#unreachable = true;
      this.#around.say(
        `the node of ${this.#settings.home} is away; requests are answered with an error until it is back`,
      );
      this.#giveUpRequests();
    }, this.#settings.offlineMs);
  }

  /** Answers all requests, by whether they were sent. Facts wait on for the node. */
  #giveUpRequests(): void {
    for (const request of this.#ledger.takeSent(() => false).lost) this.#answer(request, 'node_lost');
    const unsent = this.#ledger.takeQueued(
      () => true,
      (message) => !statesFact(message),
    );
    for (const request of unsent) this.#answer(request, 'node_unreachable');
  }

  // From the host.

  #control(message: HostControl): void {
    if (message.type === 'ack') {
      this.#link.acknowledge(message.received);
      if (this.#link.heldBytes <= this.#settings.maxHeldBytes) this.#around.readClient(true);
    } else if (message.type === 'session') this.#link.session = message.id;
    else if (message.type === 'bye') this.#onBye();
  }

  #data(kind: FrameKind, number: number, json: Buffer): void {
    this.#link.count();
    if (kind === FrameKind.response) this.#response(number, json);
    else if (kind === FrameKind.emit || this.#ledger.awaits(number)) this.#around.client.write(json);
    if (this.#around.client.full) this.#link.pause();
  }

  #response(number: number, json: Buffer): void {
    const verdict = this.#session.judge(number, json);
    if (verdict) {
      this.#restored(verdict);
      return;
    }
    const request = this.#ledger.answered(number);
    if (!request) return;
    this.#session.answered(request, json);
    this.#around.client.write(json);
    this.#onIdle();
  }

  #answer(request: ClientMessage, name: ClientErrorName): void {
    const { home } = this.#settings;
    const why = this.#refusal ? ` (${this.#refusal})` : '';
    const detail =
      name === 'node_unreachable' ? `Its home is ${home}${why}; start it there: erlmcp start.` : undefined;
    this.#around.client.error(request.id!, clientError(name, detail));
    this.#onIdle();
  }

  // The client's session, opened again where the host has lost it.

  #restore(): void {
    this.#around.say('the session has ended on the node; opening it again');
    this.#awaitNode();
    this.#session.restore();
  }

  #restored(verdict: Verdict): void {
    if (verdict === 'again') return;
    if (verdict === 'restored') this.#repeatInitialized();
    else this.#failSession();
    this.#goOnline();
  }

  #repeatInitialized(): void {
    const { initialized } = this.#session;
    const queue = this.#ledger.takeQueue().filter((message) => message !== initialized);
    this.#ledger.requeue(initialized ? [initialized, ...queue] : queue);
  }

  #failSession(): void {
    this.#around.say('the session could not be opened again as it was; the client has to initialize');
    const lost = this.#ledger.takeQueued(belongsToSession, belongsToSession);
    for (const request of lost) this.#answer(request, 'session_lost');
  }

  // The end.

  /** The client has gone: waits up to `drainMs` for answers, tells the host, and ends. */
  async end(drainMs: number): Promise<void> {
    await within(drainMs, (done) => {
      this.#onIdle = () => this.#ledger.awaited === 0 && done();
      this.#onIdle();
    });
    this.#connector.stop();
    this.#giveUpRequests();
    if (this.#link.connected)
      await within(BYE_MS, (done) => {
        this.#onBye = done;
        this.#link.bye({ type: 'bye' });
      });
    clearTimeout(this.#offlineTimer);
    this.#connector.destroy();
    await this.#around.client.flush();
  }
}

const belongsToSession = (message: ClientMessage): boolean => !message.sessionless && !opensSession(message);
