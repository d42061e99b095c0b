import type { RunnerMessage } from '../wire/index.ts';
import type { Log } from './log.ts';
import type { RunnerProcess } from './runner-process.ts';

/**
 * A runner that rehearses is heard by nobody: its names, changed rows, messages and answers are of copies, and end here. Nothing that
 * it says is an error of the node. Its tables are its own, so nobody has to wait while it opens them.
 */
export function hearRehearsal(runner: RunnerProcess, message: RunnerMessage, log: Log): void {
  if (message.type === 'opening') runner.send({ type: 'open_store' });
  else if (message.type === 'forward') runner.send({ type: 'lost', reason: 'a rehearsal reaches nobody' });
  else if (message.type === 'log') {
    const level = message.level === 'error' ? 'warn' : message.level;
    log[level](`Rehearsal: ${message.message}`, { runner: runner.id, ...message.fields });
  }
}
