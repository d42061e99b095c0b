/**
 * Progress on a terminal: every phase is a line with a spinner, then its time. One task of listr2 per phase waits for the
 * phase's event; a phase that is passed over is shown as such; `rollback` comes as a list of its own.
 */
import { Listr, type ListrTaskWrapper } from 'listr2';
import { UPGRADE_PHASES } from '../../control/phases.ts';
import type { OperationKind, UpgradeEvent } from '../../control/types.ts';
import { duration, printable } from '../output/format.ts';
import type { Progress } from './progress.ts';

type Ending =
  | { state: 'done' | 'failed'; ms?: number | undefined; message?: string | undefined }
  | { state: 'left' };
// biome-ignore lint/suspicious/noExplicitAny: listr2's own defaults for the types of its renderers
type Task = ListrTaskWrapper<unknown, any, any>;

interface Step {
  readonly name: string;
  readonly ended: Promise<Ending>;
  readonly end: (ending: Ending) => void;
}

export class ListrProgress implements Progress {
  readonly #steps: Step[];
  #drawn: Promise<unknown>;
  #rollback: Step | undefined;
  #current: Task | undefined;

  constructor(kind: OperationKind) {
    this.#steps = phasesOf(kind).map(newStep);
    this.#drawn = this.#draw(this.#steps);
  }

  event({ phase, state, ms, message }: UpgradeEvent): void {
    if (phase === 'rollback') this.#beginRollback();
    const steps = this.#rollback ? [this.#rollback] : this.#steps;
    const at = steps.findIndex(({ name }) => name === phase);
    for (const passed of steps.slice(0, Math.max(at, 0))) passed.end({ state: 'left' });
    if (state === 'started' || state === 'running') {
      if (message && this.#current) this.#current.output = printable(message);
      return;
    }
    steps[at]?.end({ state, ms, message });
    if (state === 'failed') this.#leaveRest();
  }

  notice(text: string): void {
    if (this.#current) this.#current.output = text;
  }

  async finish(): Promise<void> {
    this.#leaveRest();
    this.#rollback?.end({ state: 'left' });
    await this.#drawn;
  }

  #leaveRest(): void {
    for (const step of this.#steps) step.end({ state: 'left' });
  }

  #beginRollback(): void {
    if (this.#rollback) return;
    this.#leaveRest();
    const step = newStep('rollback');
    this.#rollback = step;
    this.#drawn = this.#drawn.then(() => this.#draw([step]));
  }

  #draw(steps: readonly Step[]): Promise<unknown> {
    const tasks = steps.map((step) => ({
      title: step.name,
      task: async (_: unknown, task: Task) => {
        this.#current = task;
        await showEnding(step, task);
      },
    }));
    const list = new Listr(tasks, {
      exitOnError: false,
      // Ctrl-C is answered by whoever follows.
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, collapseSkips: false, showSkipMessage: false },
    });
    return list.run().catch(() => {});
  }
}

const phasesOf = (kind: OperationKind): readonly string[] => {
  if (kind === 'dry_run') return ['pre_flight_checks', 'rehearsal'];
  return kind === 'verify_only' ? ['post_flight_checks'] : UPGRADE_PHASES;
};

function newStep(name: string): Step {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  return { name, ended: promise, end: resolve };
}

async function showEnding({ name, ended }: Step, task: Task): Promise<void> {
  const ending = await ended;
  if (ending.state === 'left') return task.skip(name);
  const time = ending.ms === undefined ? '' : `  ${duration(ending.ms)}`;
  task.title = `${name}${time}`;
  if (ending.state === 'failed') throw new Error(printable(ending.message ?? 'failed'));
}
