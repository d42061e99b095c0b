/**
 * How messages and answers find their way. A message goes to the process of that name or pid here, else through the remote port; an
 * answer goes to the table that made the call. What another table delivers is never forwarded to an unknown name again.
 */
import { currentProcess, type RunningProcess } from './current-process.ts';
import { DeferredReplies } from './deferred-replies.ts';
import { type Envelope, type From, fromOutside, type Outcome, plainFrom, toOutside } from './envelope.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import { PendingCalls } from './pending-calls.ts';
import type { RemotePort } from './ports.ts';
import { noproc, type ProcessRegistry } from './process-registry.ts';
import { RunQueue } from './run-queue.ts';
import { SignalRouter } from './signal-router.ts';
import type { Signal } from './signals.ts';
import { isLocalOnly, notLocal } from './system-messages.ts';

export class MessageRouter {
  origin: string;
  remote: RemotePort | undefined;
  canForward = true;
  readonly deferred = new DeferredReplies();
  readonly queue = new RunQueue();
  readonly calls: PendingCalls;
  readonly signals: SignalRouter;
  readonly #registry: ProcessRegistry;
  readonly #table: object;

  constructor(table: object, registry: ProcessRegistry, origin: string) {
    this.#table = table;
    this.#registry = registry;
    this.origin = origin;
    this.signals = new SignalRouter(registry, this.deferred, this);
    this.calls = new PendingCalls((from, address) => this.#gaveUp(from, address));
  }

  /** An unknown name may be known elsewhere. */
  get reachesOthers(): boolean {
    return this.canForward && this.remote !== undefined;
  }

  call(
    address: string,
    request: unknown,
    timeoutMs: number,
    kind: 'call' | 'system' = 'call',
    sender = currentProcess(),
  ): Promise<unknown> {
    const target = this.#registry.find(address);
    if (target === undefined && !this.reachesOthers) return Promise.reject(noproc(address));
    const caller = this.#atWork(sender);
    if (caller !== undefined && caller === target) {
      return Promise.reject(
        exitTuple('calling_self', address, 'a server that calls itself would wait for ever.'),
      );
    }
    const from = { origin: this.origin, ref: this.calls.nextRef() };
    const origin = caller === undefined ? 'outside' : caller.pid;
    if (target?.isIdle && kind === 'call' && this.queue.mayGoFirst())
      return target.callFirst(address, request, timeoutMs, origin, from);
    const envelope: Envelope = { kind, body: request, origin, from };
    const answer = this.calls.open(from, address, timeoutMs, caller?.pid);
    if (target) target.post(envelope);
    else this.forward(address, envelope);
    return answer;
  }

  post(kind: 'cast' | 'info', address: string, body: unknown): void {
    const target = this.#registry.find(address);
    const origin = this.#atWork(currentProcess())?.pid ?? 'outside';
    const envelope: Envelope = { kind, body, origin, from: undefined };
    if (target) target.post(envelope);
    else if (this.reachesOthers) this.forward(address, envelope);
  }

  replyTo(from: From, value: unknown): void {
    this.deferred.remove(from);
    const process = this.#atWork(currentProcess());
    process?.markAnswered(from.ref, from.origin);
    if (!process?.takesEarly(from, value)) this.answer(from, value);
  }

  answer(from: From, value: unknown): void {
    if (from.origin === this.origin) this.calls.resolve(from.ref, value);
    else this.remote?.reply(plainFrom(from), { ok: true, value });
  }

  refuse(from: From, error: ExitError): void {
    if (from.origin === this.origin) this.calls.reject(from.ref, error);
    else this.remote?.reply(plainFrom(from), { ok: false, reason: error.reason, message: error.message });
  }

  /** Keeps a call open, unless its caller has its answer or has given up. */
  defer(from: From, by: HostedProcess): void {
    if (from.origin !== this.origin || this.calls.has(from.ref)) this.deferred.add(from, by);
  }

  forward(address: string, envelope: Envelope): void {
    if (isLocalOnly(envelope)) this.#refuseIfCall(envelope, notLocal(address));
    else if (this.remote) this.remote.forward(address, toOutside(envelope));
    else this.#refuseIfCall(envelope, noproc(address));
  }

  deliver(address: string, envelope: Envelope): void {
    const target = this.#registry.find(address);
    if (target) target.post(fromOutside(envelope));
    else if (envelope.kind === 'signal') this.signals.undeliverable(address, envelope.body as Signal);
    else this.#refuseIfCall(envelope, noproc(address));
  }

  settle(from: From, outcome: Outcome): void {
    if (from.origin === this.origin) this.calls.settle(from.ref, outcome);
  }

  rejectForwarded(reason: string, message: string): void {
    const isElsewhere = (address: string): boolean => this.#registry.find(address)?.is('moved') ?? true;
    this.calls.rejectWhere(isElsewhere, new ExitError(reason, message));
  }

  #refuseIfCall({ from }: Envelope, error: ExitError): void {
    if (from) this.refuse(from, error);
  }

  /** No late answer is kept for a caller that is gone: not here, and not where the server lives. */
  #gaveUp(from: From, address: string): void {
    this.deferred.remove(from);
    if (this.#registry.isElsewhere(address)) this.signals.send(address, ['gave_up', plainFrom(from)]);
  }

  /** The server of this table whose callback is at work and sends. */
  #atWork(process: RunningProcess | undefined): RunningProcess | undefined {
    return process?.busy && process.table === this.#table ? process : undefined;
  }
}
