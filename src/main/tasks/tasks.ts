/**
 * Work that takes longer than an answer may. One task at a time, and settling beside it. A task that is asked for again while
 * it runs is the same one: its caller may have lost the connection. How the last few ended is kept.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Task, TaskKind, TaskProgress, TaskResult } from '../../control/index.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import type { Log } from '../../host/index.ts';

export interface TaskControl {
  readonly signal: AbortSignal;
  progress(progress: TaskProgress): void;
}

export interface TaskSpec {
  readonly kind: TaskKind;
  /** What it works on, in a word or two. */
  readonly subject: string;
  work(control: TaskControl): Promise<TaskResult>;
}

interface Entry {
  readonly spec: TaskSpec;
  readonly id: string;
  readonly startedAt: number;
  readonly abort: AbortController;
  ended: Promise<void>;
  endedAt?: number;
  progress?: TaskProgress;
  result?: TaskResult;
  error?: OperatorError;
}

const KEPT = 8;

export class Tasks {
  readonly #log: Log;
  /** Oldest first. */
  #entries: Entry[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts it, or finds the same one that runs. @throws `{task_running, Kind}` */
  start(spec: TaskSpec): Task {
    const running = this.#entries.find((entry) => entry.endedAt === undefined && inTheWay(entry.spec, spec));
    if (running && running.spec.kind === spec.kind && running.spec.subject === spec.subject)
      return view(running);
    if (running) throw busy(running.spec);
    const entry: Entry = {
      spec,
      id: randomUUID(),
      startedAt: Date.now(),
      abort: new AbortController(),
      ended: Promise.resolve(),
    };
    const known = this.#entries.filter((one, at, { length }) => !one.endedAt || length - at < KEPT);
    this.#entries = [...known, entry];
    entry.ended = this.#run(entry);
    return view(entry);
  }

  get underWay(): Task[] {
    return this.#entries.filter(({ endedAt }) => endedAt === undefined).map(view);
  }

  running(kind: TaskKind): Task | undefined {
    const entry = this.#entries.find(({ spec, endedAt }) => spec.kind === kind && endedAt === undefined);
    return entry && view(entry);
  }

  /** Of those that ended well and are still known, oldest first. */
  get results(): TaskResult[] {
    return this.#entries.flatMap(({ result }) => result ?? []);
  }

  /** Answers when it has ended, or after `waitMs`. Without an id: the one that was started last. @throws `{no_such_task, Id}` */
  async follow(id: string | undefined, waitMs: number): Promise<Task> {
    const entry = id === undefined ? this.#entries.at(-1) : this.#entries.find((known) => known.id === id);
    if (!entry)
      throw new OperatorError(
        tuple('no_such_task', id ?? 'none'),
        'The node knows of no such work since it was started.',
        'See what is there with: erlmcpctl ets_tables, erlmcpctl backups',
        { exitCode: 124 },
      );
    await Promise.race([entry.ended, pause(waitMs, undefined, { ref: false })]);
    return view(entry);
  }

  /** Ends what runs of this kind, or all. Resolves when it has ended. */
  async stop(reason: string, kind?: TaskKind): Promise<void> {
    const running = this.#entries.filter(
      ({ spec, endedAt }) => endedAt === undefined && (kind === undefined || spec.kind === kind),
    );
    for (const { abort } of running) abort.abort(new Error(reason));
    await Promise.all(running.map(({ ended }) => ended));
  }

  async #run(entry: Entry): Promise<void> {
    const { spec, abort } = entry;
    const progress = (now: TaskProgress): void => {
      entry.progress = now;
    };
    try {
      entry.result = await spec.work({ signal: abort.signal, progress });
    } catch (error) {
      entry.error = asOperatorError(spec, abort.signal.aborted ? abort.signal.reason : error);
      this.#log[abort.signal.aborted ? 'info' : 'error'](entry.error.message);
    }
    entry.endedAt = Date.now();
  }
}

/** Settling yields to a restore by itself; everything else goes on beside it. */
const inTheWay = (running: TaskSpec, wanted: TaskSpec): boolean =>
  (running.kind === 'settle') === (wanted.kind === 'settle');

function asOperatorError({ kind, subject }: TaskSpec, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OperatorError(
    tuple(`${kind}_failed`, subject),
    message.endsWith('.') ? message : `${message}.`,
    'Mend the cause and try again; nothing was changed.',
    { cause: error },
  );
}

const busy = ({ kind, subject }: TaskSpec): OperatorError =>
  new OperatorError(
    tuple('task_running', kind),
    `A ${kind} is under way (${subject}).`,
    'Try again when it has ended; a command that is given again follows it.',
  );

function view({ spec, id, startedAt, endedAt, progress, result, error }: Entry): Task {
  return {
    task: id,
    kind: spec.kind,
    subject: spec.subject,
    state: endedAt === undefined ? 'running' : result ? 'done' : 'failed',
    started: new Date(startedAt).toISOString(),
    ms: (endedAt ?? Date.now()) - startedAt,
    progress: endedAt === undefined ? (progress ?? null) : null,
    result: result ?? null,
    error: error
      ? { term: error.reason, message: error.sentence, remedy: error.remedy, exit_code: error.exitCode }
      : null,
  };
}
