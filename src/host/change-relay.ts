/**
 * Tells runners of the rows that others have changed. Each runner knows to which tables the others subscribe, and announces
 * changes of these alone: while one runner serves by itself nothing is sent.
 */
import type { ChangedRows } from '../wire/index.ts';
import type { RunnerProcess } from './runner-process.ts';

export class ChangeRelay {
  readonly #tables = new Map<RunnerProcess, readonly string[]>();
  readonly #runners: () => Iterable<RunnerProcess>;

  constructor(runners: () => Iterable<RunnerProcess>) {
    this.#runners = runners;
  }

  subscribed(runner: RunnerProcess, tables: readonly string[]): void {
    if (tables.length === 0 && !this.#tables.has(runner)) return;
    if (tables.length === 0) this.#tables.delete(runner);
    else this.#tables.set(runner, tables);
    for (const other of this.#runners()) if (other !== runner) this.tell(other);
  }

  /** What the others want to hear of: to be told to a runner that is new, too. */
  tell(runner: RunnerProcess): void {
    const wanted = [...this.#tables].flatMap(([other, tables]) => (other === runner ? [] : tables));
    runner.send({ type: 'subscribed', tables: [...new Set(wanted)] });
  }

  changed(runner: RunnerProcess, changes: readonly ChangedRows[]): void {
    for (const [other, tables] of this.#tables) {
      if (other === runner || other.state === 'parked') continue;
      const wanted = changes.filter(({ table }) => tables.includes(table));
      if (wanted.length > 0) other.send({ type: 'changes', changes: wanted });
    }
  }

  ended(runner: RunnerProcess): void {
    this.subscribed(runner, []);
  }
}
