/**
 * Runners of an earlier life of the host: each runner's pid and start time stand in `run/`, and a booting host ends
 * those that still live before it opens the stores. The start time keeps a reused pid from being taken for a runner.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = /^runner-(\d+)\.json$/;

/** When the process was started, as the system prints it; undefined: none with this pid runs (one that only waits to be reaped does not). */
export function startTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export function recordRunner(runDir: string, pid: number): void {
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(runDir, `runner-${pid}.json`), JSON.stringify({ pid, startTime: startTime(pid) }));
}

export function forgetRunner(runDir: string, pid: number): void {
  rmSync(join(runDir, `runner-${pid}.json`), { force: true });
}

/** Ends the survivors, and returns their pids. */
export async function endSurvivors(runDir: string): Promise<number[]> {
  const ended: number[] = [];
  for (const file of readdirSync(runDir)) {
    if (!FILE.test(file)) continue;
    const path = join(runDir, file);
    const record = readRecord(path);
    if (record && startTime(record.pid) === record.startTime && record.startTime !== undefined) {
      process.kill(record.pid, 'SIGKILL');
      await gone(record.pid, record.startTime);
      ended.push(record.pid);
    }
    rmSync(path, { force: true });
  }
  return ended;
}

function readRecord(path: string): { pid: number; startTime?: string } | undefined {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as { pid?: unknown; startTime?: string };
    return Number.isInteger(record.pid) ? (record as { pid: number; startTime?: string }) : undefined;
  } catch {
    return undefined;
  }
}

async function gone(pid: number, started: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (startTime(pid) === started) {
    if (Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
