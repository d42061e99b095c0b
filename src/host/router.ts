/**
 * Knows every request in flight and the one runner that serves new ones. A request is answered exactly once: by the
 * runner that has it, or by an error of ours when that runner ends. Payloads pass through unread.
 */
import { type ClientErrorName, clientError } from '../errors/index.ts';
import { FrameFlag, FrameKind } from '../wire/index.ts';
import { type Call, LISTEN, nameOf } from './call.ts';
import type {
  Exchange,
  Gateway,
  InFlight,
  OneWayMessage,
  RequestMessage,
  Session,
  SessionSink,
  TransportName,
} from './gateway.ts';
import type { LiveSession } from './live-session.ts';
import type { Log } from './log.ts';
import type { RunnerProcess } from './runner-process.ts';
import { applyAnswer, applyNotification, changesSession } from './session-changes.ts';
import type { Sessions } from './sessions.ts';

export interface RouterLimits {
  /** Requests in flight. */
  inFlight: number;
  /** Bytes that a runner has not taken yet. */
  backlogBytes: number;
  /** How long a request waits for a runner when none can take it. Milliseconds. */
  holdMs: number;
}

/** Told of each finished request; `latencyMs` from its arrival to its answer. */
export type CallRecorder = (name: string, latencyMs: number, ok: boolean) => void;

/** Whether a tool of the runner may be run again when the runner that had the call ended. */
export type MayRerun = (runner: RunnerProcess, tool: string) => boolean;

const HIGHEST_REQUEST = 0xffff_ffff;

export class Router implements Gateway {
  readonly #sessions: Sessions;
  readonly #limits: RouterLimits;
  readonly #record: CallRecorder;
  readonly #mayRerun: MayRerun;
  readonly #log: Log;
  readonly #calls = new Map<number, Call>();
  /** Handlers of cancelled requests that still run. */
  readonly #cancelled = new Map<number, RunnerProcess>();
  readonly #held = new Set<Call>();
  #holdTimer: NodeJS.Timeout | undefined;
  #active: RunnerProcess | undefined;
  #next = 1;

  constructor(sessions: Sessions, limits: RouterLimits, record: CallRecorder, mayRerun: MayRerun, log: Log) {
    this.#sessions = sessions;
    this.#limits = limits;
    this.#record = record;
    this.#mayRerun = mayRerun;
    this.#log = log;
    sessions.onEnd = (session) => this.#sessionEnded(session);
  }

  get active(): RunnerProcess | undefined {
    return this.#active;
  }

  get calls(): ReadonlyMap<number, Call> {
    return this.#calls;
  }

  get accepting(): boolean {
    return (
      this.#calls.size < this.#limits.inFlight && (this.#active?.backlog ?? 0) < this.#limits.backlogBytes
    );
  }

  findSession(id: string): Session | undefined {
    return this.#sessions.find(id);
  }

  openSession(transport: TransportName): Session {
    return this.#sessions.open(transport);
  }

  endSession(session: Session, reason: string): Promise<void> {
    return this.#sessions.end(session as LiveSession, reason);
  }

  attach(session: Session, sink: SessionSink): void {
    const live = session as LiveSession;
    this.#sessions.attach(live, sink);
    if (this.#active && live.durable) this.#sessions.channels.of(this.#active, live);
  }

  detach(session: Session, sink: SessionSink): void {
    this.#sessions.detach(session as LiveSession, sink);
  }

  request(session: Session | undefined, message: RequestMessage, raw: Buffer, exchange: Exchange): InFlight {
    const call: Call = {
      request: this.#number(),
      session: session as LiveSession | undefined,
      message,
      raw,
      exchange,
      startedAt: performance.now(),
      name: nameOf(message),
      runner: undefined,
      channel: 0,
      rerun: false,
      swallowNext: false,
    };
    this.#calls.set(call.request, call);
    call.session?.inFlight.set(message.id, call.request);
    this.#dispatch(call);
    return call;
  }

  #number(): number {
    do this.#next = this.#next === HIGHEST_REQUEST ? 1 : this.#next + 1;
    while (this.#calls.has(this.#next) || this.#cancelled.has(this.#next));
    return this.#next;
  }

  #dispatch(call: Call): void {
    const runner = this.#active;
    if (!runner) {
      this.#hold(call);
      return;
    }
    call.runner = runner;
    call.channel = call.session ? this.#sessions.channels.of(runner, call.session) : runner.sharedChannel;
    runner.inFlight++;
    runner.data(FrameKind.deliver, call.channel, call.request, call.raw);
  }

  #hold(call: Call): void {
    this.#held.add(call);
    this.#holdTimer ??= setTimeout(() => {
      this.#holdTimer = undefined;
      const held = [...this.#held];
      this.#held.clear();
      for (const late of held) this.#fail(late, 'runner_unavailable');
    }, this.#limits.holdMs);
  }

  oneWay(session: Session | undefined, message: OneWayMessage, raw: Buffer): void {
    const live = session as LiveSession | undefined;
    if (!live) return; // notifications of revision 2026-07-28 name requests by the client's ids: its transports use abandon
    if (message.method === 'notifications/cancelled') this.#cancel(live, message, raw);
    else if (message.method === undefined) this.#clientAnswer(live, message, raw);
    else {
      if (applyNotification(live, message) && live.durable) void this.#sessions.save(live);
      const runner = this.#active;
      // An idle session's instance hears nothing: what counts is in the record, and is replayed.
      if (runner) runner.data(FrameKind.deliver, this.#sessions.channels.of(runner, live), 0, raw);
    }
  }

  /** A client's answer goes to the runner that asked: its id begins with the runner's. */
  #clientAnswer(session: LiveSession, message: OneWayMessage, raw: Buffer): void {
    const asked = String(message.id).split('.', 1)[0];
    for (const [runner, channel] of session.channels)
      if (runner.id === asked) runner.data(FrameKind.deliver, channel, 0, raw);
  }

  #cancel(session: LiveSession, message: OneWayMessage, raw: Buffer): void {
    const id = (message as { params?: { requestId?: string | number } }).params?.requestId;
    const request = id === undefined ? undefined : session.inFlight.get(id);
    const call = request === undefined ? undefined : this.#calls.get(request);
    if (!call || call.message.method === 'initialize') return;
    if (call.runner) call.runner.data(FrameKind.deliver, call.channel, 0, raw);
    this.#takeCancelled(call);
    call.exchange.cancelled();
  }

  abandon(inFlight: InFlight): void {
    const call = this.#calls.get(inFlight.request);
    if (!call) return;
    if (call.runner) call.runner.data(FrameKind.abandon, call.channel, call.request, EMPTY);
    this.#takeCancelled(call);
  }

  /** A cancelled request leaves the table at once; its runner counts it until the handler is over. */
  #takeCancelled(call: Call): void {
    const { runner } = call;
    if (runner) {
      runner.inFlight++;
      this.#cancelled.set(call.request, runner);
    }
    this.#forget(call);
  }

  #forget(call: Call): void {
    this.#calls.delete(call.request);
    this.#held.delete(call);
    call.session?.inFlight.delete(call.message.id);
    if (call.session) call.session.usedAt = Date.now();
    if (call.runner) this.#finished(call.runner);
  }

  #finished(runner: RunnerProcess): void {
    if (--runner.inFlight === 0 && runner !== this.#active) this.onIdle(runner);
  }

  /** A data frame of a runner. */
  data(
    runner: RunnerProcess,
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer,
  ): void {
    if (kind === FrameKind.emit) this.#emit(runner, channel, payload);
    else if (kind === FrameKind.settled) this.#settled(runner, request);
    else {
      const call = this.#calls.get(request);
      if (!call || call.runner !== runner) return;
      if (kind === FrameKind.response) this.#answered(call, flags, status, payload);
      else if (call.swallowNext) call.swallowNext = false;
      else call.exchange.related(payload);
    }
  }

  #answered(call: Call, flags: number, status: number, payload: Buffer): void {
    this.#forget(call);
    const ok = (flags & FrameFlag.error) === 0;
    this.#record(call.name, performance.now() - call.startedAt, ok);
    const { session } = call;
    if (!session || !ok || !changesSession(call.message)) {
      call.exchange.respond(payload, status);
      return;
    }
    applyAnswer(session, call.message, payload);
    this.#sessions.save(session).then(
      () => call.exchange.respond(payload, status),
      (error: Error) => {
        this.#log.error(`The session's record could not be written: ${error.message}`, {
          session: session.id,
        });
        call.exchange.respond(errorJson(call, 'runner_unavailable', 'The session could not be stored.'), 200);
      },
    );
  }

  #settled(runner: RunnerProcess, request: number): void {
    if (this.#cancelled.get(request) !== runner) return;
    this.#cancelled.delete(request);
    this.#finished(runner);
  }

  /** Told when a runner that is not the active one has finished the last that it had. */
  onIdle: (runner: RunnerProcess) => void = () => {};

  /** What an old runner says unasked is not for the client: the new one speaks for the server now. */
  #emit(runner: RunnerProcess, channel: number, payload: Buffer): void {
    if (runner !== this.#active) return;
    this.#sessions.channels.sessionOf(runner, channel)?.sink?.emit(payload);
  }

  #fail(call: Call, name: ClientErrorName, detail?: string): void {
    this.#forget(call);
    this.#record(call.name, performance.now() - call.startedAt, false);
    call.exchange.respond(errorJson(call, name, detail), 200);
  }

  #sessionEnded(session: LiveSession): void {
    for (const request of [...session.inFlight.values()]) {
      const call = this.#calls.get(request);
      if (!call) continue;
      this.#forget(call);
      call.exchange.sessionEnded();
    }
  }

  /** Tells the listening clients of revision 2026-07-28 to read again what they subscribe to. */
  tellListeners(): void {
    for (const call of this.#calls.values()) {
      const uris = (call.message.params?.notifications as { resourceSubscriptions?: unknown } | undefined)
        ?.resourceSubscriptions;
      if (call.message.method !== LISTEN || !Array.isArray(uris)) continue;
      for (const uri of uris) call.exchange.related(resourceUpdated(uri, call.message.id));
    }
  }

  /** A runner could not build the session that its client knows. */
  unhydrated(runner: RunnerProcess, channel: number, reason: string): void {
    const session = this.#sessions.channels.drop(runner, channel);
    if (session) void this.#sessions.end(session, `it could not be rebuilt: ${reason}`);
  }

  /**
   * From now on new requests go to this runner. Calls in flight stay where they are; listening requests are established
   * anew, and what was held goes on.
   */
  flip(to: RunnerProcess | undefined): void {
    this.#active = to;
    if (!to) return;
    if (to.sharedChannel === 0) {
      to.sharedChannel = to.newChannel();
      to.send({ type: 'open', channel: to.sharedChannel, era: '2026' });
    }
    clearTimeout(this.#holdTimer);
    this.#holdTimer = undefined;
    const held = [...this.#held];
    this.#held.clear();
    for (const call of held) this.#dispatch(call);
    for (const call of this.#calls.values())
      if (call.message.method === LISTEN && call.runner !== to) this.#move(call);
  }

  #move(call: Call): void {
    if (call.runner) this.#finished(call.runner);
    call.swallowNext = true;
    this.#dispatch(call);
  }

  /** Everything that the runner had is answered, or run again where that can do no harm. */
  runnerEnded(runner: RunnerProcess, reason: string): void {
    if (this.#active === runner) this.#active = undefined;
    this.#sessions.channels.forgetRunner(runner);
    for (const [request, owner] of this.#cancelled) if (owner === runner) this.#cancelled.delete(request);
    for (const call of [...this.#calls.values()]) {
      if (call.runner !== runner) continue;
      if (call.message.method === LISTEN) this.#move(call);
      else if (this.#again(call, runner)) {
        call.runner = undefined;
        call.rerun = true;
        this.#dispatch(call);
      } else this.#fail(call, 'runner_lost', `(${reason})`);
    }
    runner.inFlight = 0;
  }

  #again(call: Call, runner: RunnerProcess): boolean {
    if (call.rerun) return false;
    if (call.message.method === 'tools/call') return this.#mayRerun(runner, call.name);
    return READ_ONLY_METHODS.has(call.message.method);
  }

  /** Ends the calls that a runner still has, at the end of the time that calls may linger. */
  endLingering(runner: RunnerProcess): number {
    const late = [...this.#calls.values()].filter((call) => call.runner === runner);
    for (const call of late) this.#fail(call, 'linger_exceeded');
    return late.length;
  }
}

const EMPTY = Buffer.alloc(0);

/** Methods that by the specification change nothing. */
const READ_ONLY_METHODS = new Set([
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
]);

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

const resourceUpdated = (uri: unknown, subscription: string | number): Buffer =>
  Buffer.from(
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri, _meta: { [SUBSCRIPTION_ID]: subscription } },
    }),
  );

function errorJson(call: Call, name: ClientErrorName, detail?: string): Buffer {
  return Buffer.from(
    JSON.stringify({ jsonrpc: '2.0', id: call.message.id, error: clientError(name, detail) }),
  );
}
