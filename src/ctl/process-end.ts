import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Resolves with false when the process is still there at the deadline. */
export async function waitForExit(pid: number, deadlineMs: number): Promise<boolean> {
  const giveUp = performance.now() + deadlineMs;
  while (await isAlive(pid)) {
    if (performance.now() > giveUp) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !(await isZombie(pid));
}

/** A process that has ended, but which its parent has not taken note of: in a container that may be never. Linux only. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
