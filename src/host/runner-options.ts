/** What a runner is started with, what states it has, and whom it tells what. */
import type { Readable } from 'node:stream';
import type { FrameKind, RunnerMessage, RunnerRole } from '../wire/index.ts';
import type { Log } from './log.ts';

/**
 * - `starting`: the process runs, its code is not loaded yet
 * - `loaded`: the code is loaded, no application process runs
 * - `serving`: takes requests
 * - `lingering`: finishes the calls that were in flight when another runner took over
 * - `parked`: stopped (SIGSTOP), kept for the way back
 * - `ended`: the process is gone
 */
export type RunnerState = 'starting' | 'loaded' | 'serving' | 'lingering' | 'parked' | 'ended';

export interface RunnerOptions<Runner> {
  /** Unique in the life of the node: `r1`. */
  id: string;
  vsn: string;
  entry: string;
  role: RunnerRole;
  storeVersion: number;
  heartbeatMs: number;
  writerLockMs: number;
  memoryMb: number;
  env: NodeJS.ProcessEnv;
  log: Log;
  output(runner: Runner, stream: Readable, name: 'stdout' | 'stderr'): void;
  events: RunnerEvents<Runner>;
  /** Whether somebody can write to the tables within the time: false while a stopped process holds the writer lock. */
  probeWriter(timeoutMs: number): Promise<boolean>;
}

export interface RunnerEvents<Runner> {
  data(
    runner: Runner,
    kind: FrameKind,
    flags: number,
    status: number,
    channel: number,
    request: number,
    payload: Buffer,
  ): void;
  message(runner: Runner, message: RunnerMessage): void;
  ended(runner: Runner, reason: string): void;
}
