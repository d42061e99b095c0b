/** Each way in which code can go wrong. Synchronous and without imports, so that lenses can do it as well. */
import { KIND } from './kind.ts';

/** Long against a phase of milliseconds, short against its deadline. */
const SLOW_MS = 1_000;
const EXIT_CODE = 3;
const HOARD_LENGTH = 1_000_000;

/** @param slowMs how long `slow` takes */
export function strike(slowMs = SLOW_MS): void {
  if (KIND === 'throw') throw new Error('this release is faulty on purpose');
  if (KIND === 'exit') process.exit(EXIT_CODE);
  if (KIND === 'hang') waitForEver();
  if (KIND === 'oom') eatMemory();
  if (KIND === 'slow') sleep(slowMs);
}

/** Stops the thread, as a call that blocks does. */
function waitForEver(): never {
  for (;;) sleep(SLOW_MS);
}

function eatMemory(): never {
  const hoard: number[][] = [];
  for (let seed = 0; ; seed++) hoard.push(new Array<number>(HOARD_LENGTH).fill(seed + 0.5));
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
