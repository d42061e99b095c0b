/**
 * Runners of the version before. Each finishes the calls that it has; then it is parked while it is the way back, or
 * ended when it is not. A call that lingers beyond the limit is answered with an error.
 */
import type { RunnerProcess } from '../host/index.ts';
import type { UpgradeDeps } from './types.ts';

const PARK_MS = 5_000;
const INDEXES_MS = 600_000;

export class Linger {
  readonly #deps: UpgradeDeps;
  readonly #limits = new Map<RunnerProcess, NodeJS.Timeout>();
  /** Those that are given up, or kept only for the way back. Any other that has nothing to do belongs to a running upgrade. */
  readonly #retired = new WeakSet<RunnerProcess>();
  /** The runner that a rollback goes back to. */
  #warm: RunnerProcess | undefined;

  constructor(deps: UpgradeDeps) {
    this.#deps = deps;
  }

  /** The switch is done: the old runner is the way back from now on, in place of an earlier one; its calls have until the limit. */
  begin(old: RunnerProcess, limitMs = this.#deps.times.lingerMs): void {
    const before = this.#warm;
    this.#warm = old.state === 'ended' ? undefined : old;
    this.#serves(this.#deps.fleet.active);
    if (before && before !== old && before !== this.#deps.fleet.active) this.retire(before);
    if (old.state !== 'ended') this.retire(old, limitMs);
  }

  /** One that was gone back to is retired no more: the next upgrade needs it until it is through. */
  #serves(active: RunnerProcess | undefined): void {
    if (active === undefined) return;
    this.#retired.delete(active);
    clearTimeout(this.#limits.get(active));
    this.#limits.delete(active);
  }

  /** This runner is not to serve any more: it finishes what it has, within the limit. */
  retire(runner: RunnerProcess, limitMs = this.#deps.times.lingerMs): void {
    this.#retired.add(runner);
    clearTimeout(this.#limits.get(runner));
    const limit = setTimeout(() => this.#endCalls(runner), limitMs);
    limit.unref();
    this.#limits.set(runner, limit);
    this.settle(runner);
  }

  #endCalls(runner: RunnerProcess): void {
    const ended = this.#deps.router.endLingering(runner);
    if (ended > 0)
      this.#deps.log.warn(`${ended} lingering calls were ended at their limit`, { runner: runner.id });
    this.settle(runner);
  }

  /** Something of this runner is finished; when it has nothing left it is parked or ended. */
  settle(runner: RunnerProcess): void {
    if (!this.#retired.has(runner) || runner.state !== 'lingering' || runner.inFlight > 0) return;
    clearTimeout(this.#limits.get(runner));
    this.#limits.delete(runner);
    if (runner === this.#warm && this.#deps.store.active()?.watchUntil !== undefined) void this.#park(runner);
    else void runner.stop(PARK_MS);
  }

  async #park(runner: RunnerProcess): Promise<void> {
    try {
      await runner.call('park', {}, PARK_MS);
      if (runner.state === 'lingering' && runner.inFlight === 0) runner.park();
    } catch (error) {
      this.#deps.log.warn(
        `The runner could not be parked: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  /** The watch is over: nothing goes back any more. */
  async endWarm(): Promise<void> {
    const warm = this.#warm;
    this.#warm = undefined;
    if (warm && warm !== this.#deps.fleet.active && warm.inFlight === 0) await warm.stop(PARK_MS);
    const { active } = this.#deps.fleet;
    await active?.call('keepWayBack', { targets: null }, PARK_MS).catch(() => undefined);
    if (active) await this.#dropIndexes(active);
  }

  /** A version that nobody returns to needs none; one that still has calls reads by them until it ends. */
  async #dropIndexes(active: RunnerProcess): Promise<void> {
    if ([...this.#deps.fleet.runners].some((runner) => runner !== active && !runner.isWorker)) return;
    const keep = Object.fromEntries(active.declaration.tables.map(({ name, version }) => [name, [version]]));
    await active
      .call('dropIndexes', { keep }, INDEXES_MS)
      .catch((error: Error) => this.#deps.log.warn(`Old indexes could not be dropped: ${error.message}`));
  }

  stop(): void {
    for (const limit of this.#limits.values()) clearTimeout(limit);
    this.#limits.clear();
  }
}
