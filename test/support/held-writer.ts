/** The writer lock of a node's `disc` tables, held by a process that stands still. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT, type TestNode } from './test-node.ts';

const DEADLINE_MS = 30_000;

/** Resolves when the lock is held. What it gives lets go of it, as does the end of the test. */
export async function holdWriter({ home }: TestNode): Promise<() => Promise<void>> {
  const script = join(ROOT, 'test/support/hold-writer.ts');
  const holder = spawn(process.execPath, [script, join(home, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const release = async (): Promise<void> => {
    if (holder.exitCode !== null || holder.signalCode !== null) return;
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
  };
  onTestFinished(release);
  await once(holder.stdout, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) });
  return release;
}
