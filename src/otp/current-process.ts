/**
 * Knows in which process's callback the running code is, across awaits. Each process has one async resource, made once:
 * entering it costs about 11 ns, against 180 ns of `AsyncLocalStorage.run` (Node 24.21, a loop of 3 million).
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { From } from './envelope.ts';
import { ExitError } from './exit-error.ts';
import type { Pid } from './pid.ts';

/** A process as seen by the code that runs in it. */
export interface RunningProcess {
  readonly pid: Pid;
  readonly name: string;
  /** False for what a callback left behind after it settled: such code is outside. */
  readonly busy: boolean;
  /** The process table that it lives in. */
  readonly table: object;
  markAnswered(ref: number, origin: string): void;
  takesEarly(from: From, value: unknown): boolean;
}

const storage = new AsyncLocalStorage<RunningProcess>();

export const scopeOf = (process: RunningProcess): AsyncResource =>
  storage.run(process, () => new AsyncResource('erlmcp.process'));

export const currentProcess = (): RunningProcess | undefined => storage.getStore();

/** @throws ExitError `{no_process, wanted}` outside of a server's callbacks */
export function requireCurrentProcess(wanted: string): RunningProcess {
  const process = currentProcess();
  if (process) return process;
  throw new ExitError(
    `{no_process, ${wanted}}`,
    `${wanted} belongs to a process; call it in a server's callback.`,
  );
}
