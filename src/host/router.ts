/**
 * Knows every request in flight and the one runner that serves new ones. A request is answered exactly once: by the
 * runner that has it, or by an error of ours when that runner ends. Payloads pass through unread.
 */
import type { ClientErrorName } from '../errors/index.ts';
import { FrameFlag, FrameKind } from '../wire/index.ts';
import { type Call, LISTEN } from './call.ts';
import { errorJson, READ_ONLY_METHODS, resourceUpdated } from './call-messages.ts';
import { CallTable } from './call-table.ts';
import { Drain } from './drain.ts';
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
import { HeldCalls } from './held-calls.ts';
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

export class Router implements Gateway {
  readonly #sessions: Sessions;
  readonly #limits: RouterLimits;
  readonly #record: CallRecorder;
  readonly #mayRerun: MayRerun;
  readonly #log: Log;
  readonly #calls = new CallTable();
  readonly #held: HeldCalls;
  /** Lets what is in flight finish while new calls wait. */
  readonly drain: Drain;
  #active: RunnerProcess | undefined;
  /** Told when a runner that is not the active one has finished the last that it had. */
  onIdle: (runner: RunnerProcess) => void = () => {};

  constructor(sessions: Sessions, limits: RouterLimits, record: CallRecorder, mayRerun: MayRerun, log: Log) {
    this.#sessions = sessions;
    this.#limits = limits;
    this.#record = record;
    this.#mayRerun = mayRerun;
    this.#log = log;
    this.#held = new HeldCalls(limits.holdMs, (call) => this.#fail(call, 'runner_unavailable'));
    this.drain = new Drain(
      () => this.#calls.all.values(),
      (calls) => {
        for (const call of calls) this.#dispatch(call);
      },
    );
    this.#calls.onIdle = (runner) => {
      if (runner !== this.#active) this.onIdle(runner);
    };
    sessions.onEnd = (session) => this.#sessionEnded(session);
  }

  get active(): RunnerProcess | undefined {
    return this.#active;
  }

  get calls(): ReadonlyMap<number, Call> {
    return this.#calls.all;
  }

  /** Requests that no runner can take now. */
  get held(): { count: number; since: number | undefined } {
    return this.#held.waiting;
  }

  get accepting(): boolean {
    return (
      this.#calls.all.size < this.#limits.inFlight && (this.#active?.backlog ?? 0) < this.#limits.backlogBytes
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
    const call = this.#calls.open(session as LiveSession | undefined, message, raw, exchange);
    this.#dispatch(call);
    return call;
  }

  #dispatch(call: Call): void {
    const runner = this.#active;
    if (!runner) {
      this.#held.add(call);
      return;
    }
    if (this.drain.active && this.drain.hold(call)) return;
    const channel = call.session ? this.#sessions.channels.of(runner, call.session) : runner.sharedChannel;
    this.#calls.assign(call, runner, channel);
    runner.data(FrameKind.deliver, channel, call.request, call.raw);
  }

  oneWay(session: Session | undefined, message: OneWayMessage, raw: Buffer): void {
    const live = session as LiveSession | undefined;
    if (!live) return; // notifications of revision 2026-07-28 name requests by the client's ids: its transports use abandon
    if (message.method === 'notifications/cancelled') this.#cancel(live, message, raw);
    else if (message.method === undefined) this.#clientAnswer(live, message, raw);
    else {
      if (applyNotification(live, message) && live.durable)
        this.#sessions.save(live).catch((error: Error) => this.#notSaved(live, error));
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
    this.#unhold(call);
    this.#calls.cancel(call);
    call.exchange.cancelled();
  }

  #unhold(call: Call): void {
    this.#held.remove(call);
    this.drain.remove(call);
  }

  abandon(inFlight: InFlight): void {
    const call = this.#calls.get(inFlight.request);
    if (!call) return;
    if (call.runner) call.runner.data(FrameKind.abandon, call.channel, call.request, EMPTY);
    this.#unhold(call);
    this.#calls.cancel(call);
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
    else if (kind === FrameKind.settled) this.#calls.settled(runner, request);
    else {
      const call = this.#calls.get(request);
      if (!call || call.runner !== runner) return;
      if (kind === FrameKind.response) this.#answered(call, flags, status, payload);
      else if (call.swallowNext) call.swallowNext = false;
      else call.exchange.related(payload);
    }
  }

  #answered(call: Call, flags: number, status: number, payload: Buffer): void {
    this.#calls.forget(call);
    const ok = (flags & FrameFlag.error) === 0;
    this.#record(call.name, performance.now() - call.startedAt, ok);
    const { session } = call;
    if (!session || !ok || !changesSession(call.message)) {
      call.exchange.respond(payload, status, !ok);
      return;
    }
    applyAnswer(session, call.message, payload);
    this.#sessions.save(session).then(
      () => call.exchange.respond(payload, status),
      (error: Error) => {
        this.#notSaved(session, error);
        const json = errorJson(call, 'runner_unavailable', 'The session could not be stored.');
        call.exchange.respond(json, 200, true);
      },
    );
  }

  #notSaved(session: LiveSession, error: Error): void {
    this.#log.error(`The session's record could not be written: ${error.message}`, { session: session.id });
  }

  /** What an old runner says unasked is not for the client: the new one speaks for the server now. */
  #emit(runner: RunnerProcess, channel: number, payload: Buffer): void {
    if (runner !== this.#active) return;
    this.#sessions.channels.sessionOf(runner, channel)?.sink?.emit(payload);
  }

  #fail(call: Call, name: ClientErrorName, detail?: string): void {
    this.#calls.forget(call);
    this.#record(call.name, performance.now() - call.startedAt, false);
    call.exchange.respond(errorJson(call, name, detail), 200, true);
  }

  #sessionEnded(session: LiveSession): void {
    for (const request of [...session.inFlight.values()]) {
      const call = this.#calls.get(request);
      if (!call) continue;
      this.#unhold(call);
      this.#calls.forget(call);
      call.exchange.sessionEnded();
    }
  }

  /** Tells the listening clients of revision 2026-07-28 to read again what they subscribe to. */
  tellListeners(): void {
    for (const call of this.#calls.all.values()) {
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
    for (const call of [...this.#held.take(), ...this.drain.take()]) this.#dispatch(call);
    for (const call of this.#calls.all.values())
      if (call.message.method === LISTEN && call.runner !== to) this.#move(call);
  }

  #move(call: Call): void {
    this.#calls.release(call);
    call.swallowNext = true;
    this.#dispatch(call);
  }

  /** Everything that the runner had is answered, or run again where that can do no harm. */
  runnerEnded(runner: RunnerProcess, reason: string): void {
    if (this.#active === runner) this.#active = undefined;
    this.#sessions.channels.forgetRunner(runner);
    this.#calls.dropCancelled(runner);
    for (const call of this.#calls.of(runner)) {
      if (call.message.method === LISTEN) this.#move(call);
      else if (this.#again(call, runner)) {
        this.#calls.release(call);
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
    const late = this.#calls.of(runner);
    for (const call of late) this.#fail(call, 'linger_exceeded');
    return late.length;
  }
}

const EMPTY = Buffer.alloc(0);
