import { execFile } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/**
 * For a runner that works on all rows or rehearses an upgrade, as long as that lasts; clients come first. It holds no lock that these could
 * wait for. Linux has a policy for that, which beats the highest niceness: who is woken takes the processor at once.
 */
export function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
  if (process.platform === 'linux')
    execFile('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)], () => undefined);
}
