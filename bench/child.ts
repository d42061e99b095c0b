/** Child processes of the bench and the demo: none outlives the run, and one that fails shows what it printed. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Child {
  process: ChildProcess;
  /** The last output, both streams. */
  output: () => string;
  exited: Promise<number | null>;
  /** SIGTERM, and SIGKILL after `graceMs`. */
  stop: (graceMs?: number) => Promise<void>;
}

const KEPT_OUTPUT = 8_000;

export function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  exited.catch(() => {});
  const stop = async (graceMs = 10_000): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited.finally(() => clearTimeout(timer));
  };
  return { process: child, output: () => text, exited, stop };
}

/** Waits until `ready` returns a value, the child ends, or the time is over. */
export async function whenReady<T>(
  child: Child,
  name: string,
  ready: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  let ended: string | undefined;
  void child.exited.then(
    (code) => {
      ended = `ended with code ${code}`;
    },
    (error: unknown) => {
      ended = String(error);
    },
  );
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline && !ended; await sleep(20)) {
    const value = await ready();
    if (value !== undefined) return value;
  }
  throw new Error(`${name} ${ended ?? `was not ready in ${timeoutMs} ms`}:\n${child.output()}`);
}
