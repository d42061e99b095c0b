/**
 * `run/erlmcp.pid`: which process is the node of this home. It holds the pid and when that process was started, so that a
 * file left behind by a node that was killed is never taken for a running one, even if its pid is in use again.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';
import { startTime } from '../host/index.ts';

export const pidFileOf = (runDir: string): string => join(runDir, 'erlmcp.pid');

/** The pid of the node that runs in this home; undefined: none does. */
export function runningNode(runDir: string): number | undefined {
  try {
    const [pid = '', started = ''] = readFileSync(pidFileOf(runDir), 'utf8').split('\n');
    const found = startTime(Number(pid));
    return found !== undefined && found === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the home for this process, or throws `{already_running, Pid}`. */
export function takePidFile(runDir: string): void {
  const path = pidFileOf(runDir);
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, 'wx', 0o644);
      writeSync(file, `${process.pid}\n${startTime(process.pid)}\n`);
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      const pid = runningNode(runDir);
      if (pid !== undefined) throw alreadyRunning(pid);
      rmSync(path, { force: true });
    }
  }
}

const alreadyRunning = (pid: number): OperatorError =>
  new OperatorError(
    tuple('already_running', pid),
    `A node runs in this home already, as process ${pid}.`,
    'Stop it with `erlmcp stop`, or set ERLMCP_HOME to another folder.',
  );

export function dropPidFile(runDir: string): void {
  if (runningNode(runDir) === process.pid) rmSync(pidFileOf(runDir), { force: true });
}
