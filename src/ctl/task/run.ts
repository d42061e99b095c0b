/**
 * Starts work in the node that takes longer than an answer may, and follows it to its end. It runs in the node: leaving here leaves
 * it running, and the same command given again follows it. While the node does not answer it is asked again, for half a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ParamsOf } from '../../control/methods.ts';
import { progressSentence } from '../../control/progress-text.ts';
import type { Task, TaskProgress } from '../../control/types.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ask, type Invocation, printResult } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { RemoteError } from '../failure.ts';
import { printable } from '../output/format.ts';
import type { Terminal } from '../output/terminal.ts';

type TaskMethod = 'backup' | 'restore' | 'settle' | 'verify_tables';

export interface TaskCommand<M extends TaskMethod> {
  readonly method: M;
  readonly params: ParamsOf<M>;
  readonly render: (task: Task, terminal: Terminal) => string;
  readonly exitCode?: (task: Task) => number;
}

/** The node answers earlier when the work has ended. */
const WAIT_MS = 1_000;
const RETRY_MS = 500;
const SILENCE_MS = 30_000;

export async function runTask<M extends TaskMethod>(
  invocation: Invocation,
  { method, params, render, exitCode }: TaskCommand<M>,
): Promise<number> {
  const { home, json, terminal } = invocation;
  const line = new ProgressLine(json ? undefined : terminal);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const started = (await ask(home, method, params)) as Task;
    const ended = await follow(home, started, line, interrupt.signal);
    line.clear();
    if (ended === undefined) {
      terminal.printError(`The ${started.kind} goes on in the node; the same command follows it.`);
      return EXIT.interrupted;
    }
    if (ended.error) throw remote(ended.error);
    printResult(invocation, method, ended, render);
    return exitCode?.(ended) ?? EXIT.ok;
  } finally {
    line.clear();
    process.off('SIGINT', onInterrupt);
  }
}

/** undefined: interrupted. */
async function follow(
  home: string,
  started: Task,
  line: ProgressLine,
  interrupt: AbortSignal,
): Promise<Task | undefined> {
  const interrupted = new Promise<undefined>((resolve) =>
    interrupt.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  let heardAt = performance.now();
  let task: Task | undefined = started;
  while (task?.state === 'running') {
    line.show(task.progress);
    const next: Promise<Task | Error> = ask(home, 'task', { task: task.task, wait_ms: WAIT_MS }).catch(
      (error: Error) => error,
    );
    const answer: Task | Error | undefined = await Promise.race([next, interrupted]);
    if (answer instanceof Error) {
      if (!isLoss(answer)) throw answer;
      if (performance.now() - heardAt > SILENCE_MS) throw outcomeUnknown(started.kind);
      await pause(RETRY_MS);
    } else {
      heardAt = performance.now();
      task = answer;
    }
  }
  return task;
}

/** The node may be busy, or starting again; then it knows the work no more, and says so. */
function isLoss(error: Error): boolean {
  if (!(error instanceof OperatorError)) return false;
  return error.exitCode === EXIT.noAnswer || error.exitCode === EXIT.notReachable;
}

const outcomeUnknown = (kind: string): OperatorError =>
  new OperatorError(
    tuple('outcome_unknown', kind),
    `The end of the ${kind} is not known: the node gives no sign of life.`,
    'See what the node does with: erlmcpctl status',
    { exitCode: EXIT.noAnswer },
  );

const remote = ({ term, message, remedy, exit_code }: NonNullable<Task['error']>): RemoteError =>
  new RemoteError({ code: 0, message, data: { term, remedy, exit_code } });

/** `notes: 41,000 of 120,000 rows`, on a terminal alone, in place of what it said before. */
class ProgressLine {
  readonly #terminal: Terminal | undefined;
  #shown = false;

  constructor(terminal: Terminal | undefined) {
    this.#terminal = terminal?.canRedraw ? terminal : undefined;
  }

  show(progress: TaskProgress | null): void {
    if (!progress || !this.#terminal) return;
    this.clear();
    this.#terminal.printPart(printable(progressSentence(progress)));
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#terminal?.printPart('\r\u001b[K');
    this.#shown = false;
  }
}
