/**
 * Lets one process at a time open the tables, while no other commits. LMDB, as lmdb 3.5 builds it, writes the number of the
 * last transaction into the shared lock file when an environment is opened, without the writer lock: a commit that falls
 * between reading and writing it is lost (docs/adr/0007).
 */
import type { Log } from './log.ts';
import type { RunnerProcess } from './runner-process.ts';

export interface WriteHolder {
  /** Resolves when no write is under way; further ones wait. */
  holdWrites(): Promise<void>;
  releaseWrites(): void;
}

/** What a runner may take to let its writes rest; one that hangs is ended by its heartbeat meanwhile. */
const HOLD_MS = 1_000;
/** For the opening itself, a few milliseconds in order. */
const OPEN_MS = 10_000;

const HOLDING: ReadonlySet<string> = new Set(['loaded', 'serving', 'lingering']);

export class StoreOpening {
  readonly #host: WriteHolder;
  readonly #runners: () => Iterable<RunnerProcess>;
  readonly #log: Log;
  #turn: Promise<void> = Promise.resolve();

  constructor(host: WriteHolder, runners: () => Iterable<RunnerProcess>, log: Log) {
    this.#host = host;
    this.#runners = runners;
    this.#log = log;
  }

  /** The runner is about to open the tables: it is told when it may, and ended when it takes too long. */
  async admit(runner: RunnerProcess): Promise<void> {
    const before = this.#turn;
    const turn = before.then(() => this.#open(runner));
    this.#turn = turn.catch(() => undefined);
    await turn.catch((error: Error) => runner.kill(`it could not open the tables: ${error.message}`));
  }

  async #open(runner: RunnerProcess): Promise<void> {
    if (runner.state === 'ended') return;
    const others = [...this.#runners()].filter((other) => other !== runner && HOLDING.has(other.state));
    const started = performance.now();
    try {
      await this.#host.holdWrites();
      for (const other of others) await this.#hold(other);
      runner.send({ type: 'open_store' });
      await this.#opened(runner);
    } finally {
      this.#host.releaseWrites();
      for (const other of others)
        if (other.state !== 'ended')
          void other.call('holdWrites', { on: false }, OPEN_MS).catch(() => undefined);
    }
    const ms = Math.round(performance.now() - started);
    if (ms > HOLD_MS) this.#log.warn(`Writes waited ${ms} ms for runner ${runner.id} to open the tables`);
  }

  /** Insists until the runner's writes rest, or it is gone: one that hangs might commit at any moment. */
  async #hold(other: RunnerProcess): Promise<void> {
    while (HOLDING.has(other.state)) {
      try {
        await other.call('holdWrites', { on: true }, HOLD_MS);
        return;
      } catch (error) {
        this.#log.warn(`Runner ${other.id} does not let its writes rest: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async #opened(runner: RunnerProcess): Promise<void> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`it took longer than ${OPEN_MS} ms`)), OPEN_MS);
    try {
      await Promise.race([
        runner.storeOpened,
        runner.ended,
        new Promise((_, reject) =>
          late.signal.addEventListener('abort', () => reject(late.signal.reason as Error)),
        ),
      ]);
    } catch (error) {
      // It must not open them after the others have been let go.
      runner.kill('it took too long to open the tables');
      await runner.ended;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
