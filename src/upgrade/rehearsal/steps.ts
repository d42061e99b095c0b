/** The steps of a rehearsal: each is timed, told to who follows, and is a finding, whether it goes well or not. */
import { UPGRADE_PHASES } from '../../control/index.ts';
import { messageOf, reasonOf } from '../failure.ts';
import type { Finding, Run, UpgradeDeps } from '../types.ts';

export class Steps {
  readonly #run: Run;
  readonly #deps: UpgradeDeps;
  readonly #signal: AbortSignal;

  constructor(run: Run, deps: UpgradeDeps, signal: AbortSignal) {
    this.#run = run;
    this.#deps = deps;
    this.#signal = signal;
  }

  /** What it may still take, in ms, and at the most. */
  left(mostMs: number): number {
    return Math.max(1, Math.min(this.#run.deadline - performance.now(), mostMs));
  }

  /** @param shown what is said of the result, before the time that it took */
  async perform<T>(name: string, work: () => Promise<T>, shown: (result: T) => string): Promise<T> {
    this.#signal.throwIfAborted();
    this.#tell(name);
    const started = performance.now();
    try {
      const result = await work();
      this.#signal.throwIfAborted();
      this.add({ name, status: 'passed', value: `${shown(result)} in ${since(started)} ms` });
      return result;
    } catch (error) {
      const message = `${reasonOf(error)}: ${messageOf(error)}`;
      this.add({ name, status: 'failed', value: `after ${since(started)} ms`, message });
      throw error;
    }
  }

  add({ name, ...rest }: Pick<Finding, 'name' | 'status' | 'value'> & Partial<Finding>): void {
    this.#run.findings.push({ name: `rehearsal ${name}`, limit: null, ...rest });
  }

  #tell(name: string): void {
    const { operation, phases } = this.#run;
    this.#run.progress = `rehearsal: ${name}`;
    this.#deps.events.tell({
      operation,
      phase: 'rehearsal',
      state: 'running',
      completed: phases.length,
      total: UPGRADE_PHASES.length,
      message: name,
    });
  }
}

export const servers = (count: number): string => (count === 1 ? '1 server' : `${count} servers`);

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;
