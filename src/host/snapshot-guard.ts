/**
 * Finds processes that hold one snapshot of the tables for too long: as long as they do, no page that was freed since can
 * be used again, and the file grows for good. Scans of ours hold one for 10 ms at most.
 */
export interface TableReader {
  pid: number;
  /** The snapshot that it holds; undefined: none. */
  transaction: number | undefined;
}

export class SnapshotGuard {
  readonly #limitMs: number;
  #held = new Map<string, number>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Pids whose snapshot has been the same one in every look for longer than the limit. To be called regularly. */
  late(readers: readonly TableReader[], now: number): number[] {
    const held = new Map<string, number>();
    const late = new Set<number>();
    for (const { pid, transaction } of readers) {
      if (transaction === undefined) continue;
      const key = `${pid}/${transaction}`;
      const since = this.#held.get(key) ?? now;
      held.set(key, since);
      if (now - since > this.#limitMs) late.add(pid);
    }
    this.#held = held;
    return [...late];
  }
}
