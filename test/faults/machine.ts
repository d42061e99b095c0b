/** What the machine does to a node: a disk that fills up, a row that rots, a clock that jumps; and which processes a node has. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/test-node.ts';
import { fileOf } from './plan.ts';

const DISK_MB = 320;

/** Makes the folder a file system of its own, small enough to be filled. It takes root. */
export function mountSmallDisk(at: string): boolean {
  mkdirSync(at, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', at]).status === 0;
}

export const unmount = (at: string): unknown => spawnSync('umount', ['-l', at]);

const ballast = (home: string): string => join(home, 'ballast');

/** Takes what is left, down to the last block. */
export function fillDisk(home: string): void {
  const { bavail, bsize } = statfsSync(home);
  writeFileSync(ballast(home), Buffer.alloc(bavail * bsize));
}

export const freeDisk = (home: string): void => rmSync(ballast(home), { force: true });

/** Changes one bit of every stored copy of `text`, in place: the node has the file open. There has to be one. */
export function flipBit(file: string, text: string): void {
  const bytes = readFileSync(file);
  const descriptor = openSync(file, 'r+');
  let copies = 0;
  try {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      writeSync(descriptor, Buffer.of(bytes.readUInt8(at) ^ 1), 0, 1, at);
      copies++;
    }
  } finally {
    closeSync(descriptor);
  }
  if (copies === 0) throw new Error(`${file} does not hold ${text}`);
}

/** Resolves when each of the processes has the new time. */
export async function moveClock(home: string, byMs: number, pids: readonly number[]): Promise<void> {
  writeFileSync(fileOf(home, 'clock'), String(byMs));
  const told = (pid: number): boolean => {
    try {
      return Number(readFileSync(fileOf(home, `clock-${pid}`), 'utf8')) === byMs;
    } catch {
      return false;
    }
  };
  await eventually('another time in each process', () => pids.every(told));
}

/** Every process that was started with this home, whoever is its parent. */
export function processesOf(home: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        if (!environment.includes(`ERLMCP_HOME=${home}`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command === '' ? [] : [{ pid: Number(name), command }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}
