import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * How much memory there is and how much is free: of the machine, and of each control group above this process, version 1 or
 * 2. The tightest of them counts. Memory that only caches files is free: the kernel gives it back.
 */

export interface MemoryState {
  limitBytes: number;
  freeBytes: number;
}

/** Where the kernel's files are; a test gives a folder of its own. */
export interface KernelFiles {
  proc: string;
  cgroup: string;
}

const KERNEL: KernelFiles = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

/** Above this a limit of version 1 means "none". */
const NO_LIMIT = 2 ** 60;

export function memoryState(files: KernelFiles = KERNEL): MemoryState {
  const states = [machine(files), ...controlGroups(files)];
  return {
    limitBytes: Math.min(...states.map(({ limitBytes }) => limitBytes)),
    freeBytes: Math.max(0, Math.min(...states.map(({ freeBytes }) => freeBytes))),
  };
}

export const memoryLimit = (files?: KernelFiles): number => memoryState(files).limitBytes;

function machine({ proc }: KernelFiles): MemoryState {
  const meminfo = read(join(proc, 'meminfo')) ?? '';
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  };
  return { limitBytes: bytes('MemTotal') ?? totalmem(), freeBytes: bytes('MemAvailable') ?? freemem() };
}

function controlGroups(files: KernelFiles): MemoryState[] {
  const lines = (read(join(files.proc, 'self/cgroup')) ?? '').split('\n').map((line) => line.split(':'));
  return lines.flatMap(([hierarchy, controllers, path]) => {
    if (path === undefined) return [];
    if (hierarchy === '0') return groupsAbove(files.cgroup, path, stateV2);
    if (!controllers?.split(',').includes('memory')) return [];
    return groupsAbove(join(files.cgroup, 'memory'), path, stateV1);
  });
}

/** In a container the path may be that of the host's hierarchy, of which only the root is mounted. */
function groupsAbove(
  root: string,
  path: string,
  stateOf: (folder: string) => MemoryState | undefined,
): MemoryState[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  const folders = parts.map((_, index) => join(root, ...parts.slice(0, index + 1)));
  return [root, ...folders].flatMap((folder) => stateOf(folder) ?? []);
}

function stateV2(folder: string): MemoryState | undefined {
  const limit = readNumber(join(folder, 'memory.max'));
  const used = readNumber(join(folder, 'memory.current'));
  return stateOf(limit, used, cachedBytes(join(folder, 'memory.stat'), 'inactive_file'));
}

function stateV1(folder: string): MemoryState | undefined {
  const limit = readNumber(join(folder, 'memory.limit_in_bytes'));
  const used = readNumber(join(folder, 'memory.usage_in_bytes'));
  return stateOf(limit, used, cachedBytes(join(folder, 'memory.stat'), 'total_inactive_file'));
}

function stateOf(
  limit: number | undefined,
  used: number | undefined,
  cached: number,
): MemoryState | undefined {
  if (limit === undefined || used === undefined || limit >= NO_LIMIT) return undefined;
  return { limitBytes: limit, freeBytes: limit - (used - cached) };
}

function cachedBytes(file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(read(file) ?? '')?.[1] ?? 0);
}

/** `max` of version 2 is no number. */
function readNumber(file: string): number | undefined {
  const text = read(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
