import { DamageReport } from './damage.ts';
import type { Failures } from './failure-list.ts';
import { Guard, type GuardOptions } from './guard.ts';
import { KeyTracker, type TrackedKeys } from './key-tracker.ts';
import type { LensChain } from './lens-chain.ts';
import type { TableKey } from './types.ts';
import type { WayBack } from './way-back.ts';

/**
 * What a store looks at in each write of this process, inside the write's transaction: the key is listed, the row is seen as
 * the version to come (guard) and as the one to return to (way back).
 */
export class WriteWatch {
  readonly damage = new DamageReport();
  #tracker: KeyTracker | undefined;
  #guard: Guard | undefined;
  readonly #skipped = new Map<string, number>();

  beforeWrite(
    wayBack: WayBack,
    table: string,
    chain: () => LensChain,
    key: TableKey,
    row: object,
    version: number,
  ): void {
    this.#tracker?.add(table, key);
    this.#guard?.beforeWrite(table, chain(), key, row, version);
    wayBack.beforeWrite(table, chain, key, row, version);
    this.damage.clear(table, key);
  }

  beforeRemove(wayBack: WayBack, table: string, key: TableKey): void {
    this.#tracker?.add(table, key);
    this.#guard?.beforeRemove(table, key);
    wayBack.beforeRemove(table, key);
    this.damage.clear(table, key);
  }

  track(limit: number): void {
    this.#tracker = new KeyTracker(limit);
  }

  takeTracked(): TrackedKeys[] {
    return this.#tracker?.take() ?? [];
  }

  stopTracking(): void {
    this.#tracker = undefined;
  }

  guard(tables: Iterable<string>, options: GuardOptions): void {
    this.#guard = new Guard(tables, options, this.#guard);
  }

  unguard(): void {
    this.#guard = undefined;
  }

  guardFailures(): Failures {
    return this.#guard?.report() ?? { count: 0, failures: [] };
  }

  skip(table: string): void {
    this.#skipped.set(table, (this.#skipped.get(table) ?? 0) + 1);
  }

  get skipped(): Record<string, number> {
    return Object.fromEntries(this.#skipped);
  }
}
