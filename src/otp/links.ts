/**
 * Who is linked to whom, for the processes of one table. A link stands with both ends; an end in another table is kept as the
 * address that it was linked by, which is its pid or a name.
 */
import type { Pid } from './pid.ts';

export class Links {
  readonly #links = new Map<Pid, Set<string>>();

  get size(): number {
    return this.#links.size;
  }

  add(pid: Pid, address: string): void {
    const linked = this.#links.get(pid);
    if (linked) linked.add(address);
    else this.#links.set(pid, new Set([address]));
  }

  /** @returns whether there was such a link */
  remove(pid: Pid, address: string): boolean {
    const linked = this.#links.get(pid);
    const was = linked?.delete(address) ?? false;
    if (linked?.size === 0) this.#links.delete(pid);
    return was;
  }

  of(pid: Pid): string[] {
    return [...(this.#links.get(pid) ?? [])];
  }

  /** Removes all that `pid` is linked to, and returns it. */
  take(pid: Pid): string[] {
    const addresses = this.of(pid);
    this.#links.delete(pid);
    return addresses;
  }
}
