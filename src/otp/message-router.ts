/**
 * How messages and answers find their way. A message goes to the process of that name here, else through the remote port; an
 * answer goes to the table that made the call. What another table delivers is never forwarded to an unknown name again.
 */
import { currentProcess, type RunningProcess } from './current-process.ts';
import { DeferredReplies } from './deferred-replies.ts';
import { type Envelope, type From, fromOutside, type Outcome } from './envelope.ts';
import { ExitError, exitTuple } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import { PendingCalls } from './pending-calls.ts';
import type { RemotePort } from './ports.ts';
import { noproc, type ProcessRegistry } from './process-registry.ts';

export class MessageRouter {
  origin: string;
  remote: RemotePort | undefined;
  canForward = true;
  readonly deferred = new DeferredReplies();
  readonly calls: PendingCalls;
  readonly #registry: ProcessRegistry;
  readonly #table: object;

  constructor(table: object, registry: ProcessRegistry, origin: string) {
    this.#table = table;
    this.#registry = registry;
    this.origin = origin;
    this.calls = new PendingCalls((ref) => this.deferred.remove({ origin: this.origin, ref }));
  }

  /** An unknown name may be known elsewhere. */
  get reachesOthers(): boolean {
    return this.canForward && this.remote !== undefined;
  }

  call(
    name: string,
    request: unknown,
    timeoutMs: number,
    kind: 'call' | 'system' = 'call',
  ): Promise<unknown> {
    const target = this.#registry.servers.get(name);
    if (target === undefined && !this.reachesOthers) return Promise.reject(noproc(name));
    const caller = this.#caller();
    if (caller !== undefined && caller === target) {
      return Promise.reject(
        exitTuple('calling_self', name, 'a server that calls itself would wait for ever.'),
      );
    }
    const ref = this.calls.nextRef();
    const answer = this.calls.wait(ref, name, timeoutMs, caller?.pid);
    const from = { origin: this.origin, ref };
    const envelope: Envelope = { kind, body: request, origin: caller?.pid ?? 'outside', from };
    if (target) target.post(envelope);
    else this.forward(name, envelope);
    return answer;
  }

  post(kind: 'cast' | 'info', name: string, body: unknown): void {
    const target = this.#registry.servers.get(name);
    const envelope: Envelope = { kind, body, origin: this.#caller()?.pid ?? 'outside', from: undefined };
    if (target) target.post(envelope);
    else if (this.reachesOthers) this.forward(name, envelope);
  }

  replyTo(from: From, value: unknown): void {
    this.deferred.remove(from);
    this.#caller()?.markAnswered(from.ref, from.origin);
    this.answer(from, value);
  }

  answer(from: From, value: unknown): void {
    if (from.origin === this.origin) this.calls.resolve(from.ref, value);
    else this.remote?.reply(from, { ok: true, value });
  }

  refuse(from: From, error: ExitError): void {
    if (from.origin === this.origin) this.calls.reject(from.ref, error);
    else this.remote?.reply(from, { ok: false, reason: error.reason, message: error.message });
  }

  /** Keeps a call open, unless its caller has its answer or has given up. */
  defer(from: From, by: HostedProcess): void {
    if (from.origin !== this.origin || this.calls.has(from.ref)) this.deferred.add(from, by);
  }

  forward(name: string, envelope: Envelope): void {
    if (this.remote) this.remote.forward(name, envelope);
    else if (envelope.from) this.refuse(envelope.from, noproc(name));
  }

  deliver(name: string, envelope: Envelope): void {
    const target = this.#registry.servers.get(name);
    if (target) target.post(fromOutside(envelope));
    else if (envelope.from) this.refuse(envelope.from, noproc(name));
  }

  settle(from: From, outcome: Outcome): void {
    if (from.origin === this.origin) this.calls.settle(from.ref, outcome);
  }

  rejectForwarded(reason: string, message: string): void {
    const isElsewhere = (name: string): boolean => this.#registry.servers.get(name)?.is('moved') ?? true;
    this.calls.rejectWhere(isElsewhere, new ExitError(reason, message));
  }

  /** The server of this table whose callback is at work and sends. */
  #caller(): RunningProcess | undefined {
    const process = currentProcess();
    return process?.busy && process.table === this.#table ? process : undefined;
  }
}
