/**
 * Links and exit signals between processes. A signal works at once, one after the other: what it causes (the end of a process
 * signals those linked to it) waits until it is done, so that a long chain of links needs no deep stack.
 */
import type { DeferredReplies } from './deferred-replies.ts';
import type { Envelope, Origin } from './envelope.ts';
import { ExitError } from './exit-error.ts';
import { Links } from './links.ts';
import type { ProcessRegistry } from './process-registry.ts';
import {
  type Exit,
  type ExitMessage,
  effectOf,
  type Signal,
  type Signals,
  type SignalTarget,
} from './signals.ts';

type Ended = Pick<SignalTarget, 'pid' | 'name'>;

/** What the router of messages does for that of signals. */
export interface SignalRoads {
  readonly reachesOthers: boolean;
  forward(address: string, envelope: Envelope): void;
}

const envelopeOf = (signal: Signal): Envelope => ({
  kind: 'signal',
  body: signal,
  origin: 'outside',
  from: undefined,
});

export class SignalRouter implements Signals {
  readonly links = new Links();
  readonly #registry: ProcessRegistry;
  readonly #deferred: DeferredReplies;
  readonly #roads: SignalRoads;
  readonly #waiting: (() => void)[] = [];
  #working = false;

  constructor(registry: ProcessRegistry, deferred: DeferredReplies, roads: SignalRoads) {
    this.#registry = registry;
    this.#deferred = deferred;
    this.#roads = roads;
  }

  link(process: SignalTarget, address: string): void {
    const target = this.#registry.whereis(address);
    if (target === process.pid) return;
    this.links.add(process.pid, target ?? address);
    if (target !== undefined && !this.#registry.isElsewhere(target)) this.links.add(target, process.pid);
    else this.send(address, ['link', process.pid], () => this.#tellNobodyIsThere(process, address));
  }

  unlink(process: SignalTarget, address: string): void {
    const target = this.#registry.whereis(address);
    this.links.remove(process.pid, address);
    if (target !== undefined) this.links.remove(process.pid, target);
    if (target !== undefined && !this.#registry.isElsewhere(target)) this.links.remove(target, process.pid);
    else this.send(address, ['unlink', process.pid]);
  }

  /** As OTP's `exit/2`; to nobody it is dropped. */
  exit(address: string, reason: string, from: Origin): void {
    this.send(address, ['exit', from, reason]);
  }

  /** Tells all that are linked to a process that it has ended. */
  ended({ pid, name }: Ended, reason: string): void {
    for (const address of this.links.take(pid)) this.send(address, ['linked_exit', pid, name, reason]);
  }

  /** To a process of this table, or the way that messages go. `lost` is called when it goes nowhere. */
  send(address: string, signal: Signal, lost: () => void = () => {}): void {
    this.#enqueue(() => {
      const target = this.#registry.find(address);
      if (target) target.post(envelopeOf(signal));
      else if (this.#registry.findSupervisor(address)) this.#toSupervisor(address, signal);
      else if (this.#roads.reachesOthers) this.#roads.forward(address, envelopeOf(signal));
      else lost();
    });
  }

  /** A signal from another table for a process that is not here. A link is answered, so that its maker learns of it. */
  undeliverable(address: string, signal: Signal): void {
    if (this.#registry.findSupervisor(address)) this.#toSupervisor(address, signal);
    else if (signal[0] === 'link') this.send(signal[1], ['linked_exit', address, address, 'noproc']);
  }

  /** What a signal does to the process that it has reached. */
  receive(process: SignalTarget, signal: Signal): void {
    if (signal[0] === 'link') this.links.add(process.pid, signal[1]);
    else if (signal[0] === 'unlink') this.links.remove(process.pid, signal[1]);
    else if (signal[0] === 'gave_up') this.#deferred.remove(signal[1]);
    else if (signal[0] === 'exit')
      this.#enqueue(() => this.#apply(process, { from: signal[1], reason: signal[2], byLink: false }));
    else this.#linkedExit(process, signal[1], signal[2], signal[3]);
  }

  #linkedExit(process: SignalTarget, from: string, address: string, reason: string): void {
    const known = [from, address].filter((each) => this.links.remove(process.pid, each));
    if (known.length > 0) this.#enqueue(() => this.#apply(process, { from, reason, byLink: true }));
  }

  #apply(process: SignalTarget, exit: Exit): void {
    const effect = effectOf(exit, process.pid, process.trapsExits);
    if (effect === 'ignored') return;
    if (effect === 'message') {
      const body: ExitMessage = ['EXIT', exit.from, exit.reason];
      process.post({ kind: 'info', body, origin: 'outside', from: undefined });
    } else process.die(new ExitError(effect.endsWith, this.#sentence(exit)));
  }

  #sentence({ from, reason, byLink }: Exit): string {
    return byLink ? `${from}, to which it was linked, ended: ${reason}` : `it got the exit signal ${reason}`;
  }

  #tellNobodyIsThere(process: SignalTarget, address: string): void {
    this.receive(process, ['linked_exit', address, address, 'noproc']);
  }

  /** A supervisor traps exits and ignores them, unless they are those of its children or its parent: these reach it another way. */
  #toSupervisor(address: string, signal: Signal): void {
    const pid = this.#registry.whereis(address);
    if (pid === undefined) return;
    if (signal[0] === 'link') this.links.add(pid, signal[1]);
    else if (signal[0] === 'unlink' || signal[0] === 'linked_exit') this.links.remove(pid, signal[1]);
  }

  #enqueue(step: () => void): void {
    this.#waiting.push(step);
    if (this.#working) return;
    this.#working = true;
    try {
      // Steps that are added meanwhile are seen.
      for (const next of this.#waiting) next();
    } finally {
      this.#waiting.length = 0;
      this.#working = false;
    }
  }
}
