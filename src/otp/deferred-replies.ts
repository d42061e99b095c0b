/** Calls that a server took with `noreply` and still owes an answer: they fail when it ends, and move when it moves. */
import { type From, plainFrom } from './envelope.ts';
import type { HostedProcess } from './hosted-process.ts';

const keyOf = ({ origin, ref }: From): string => `${origin}/${ref}`;

export class DeferredReplies {
  readonly #owed = new Map<string, { from: From; by: HostedProcess }>();

  get size(): number {
    return this.#owed.size;
  }

  add(from: From, by: HostedProcess): void {
    this.#owed.set(keyOf(from), { from: plainFrom(from), by });
  }

  remove(from: From): void {
    if (this.#owed.size > 0) this.#owed.delete(keyOf(from));
  }

  of(process: HostedProcess): From[] {
    return [...this.#owed.values()].filter(({ by }) => by === process).map(({ from }) => from);
  }

  drop(process: HostedProcess): void {
    for (const from of this.of(process)) this.remove(from);
  }
}
