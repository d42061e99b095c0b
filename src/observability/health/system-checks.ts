import { statfs } from 'node:fs/promises';
import type { LogStats } from '../logs/index.ts';
import type { ResourceSample } from '../metrics/index.ts';
import { type MemoryState, memoryState } from '../system-memory.ts';
import type { HealthCheck, HealthReading, HealthStatus } from './health.ts';

/** The checks of machine and process. Limits are the runbook's: 100 MB of disk, 512 MB of memory, CPU 80 %, memory 90 %. */

export const MB = 1024 * 1024;
export const MIN_DISK_MB = 100;
export const MIN_MEMORY_MB = 512;
export const MAX_CPU_PERCENT = 80;
export const MAX_MEMORY_PERCENT = 90;
export const MAX_LAG_MS = 100;
/** Of what the system lets a process open. */
export const MAX_OPEN_FILES_PERCENT = 90;
/** Below this share of what is asked for the node can't be expected to go on. */
const CRITICAL_SHARE = 0.1;

/** @param limitMb an upgrade asks for the copies that it makes besides. */
export function diskFree(path: string, limitMb = MIN_DISK_MB): HealthCheck {
  return {
    name: 'disk_free',
    limit: `>= ${limitMb} MB`,
    read: async () => {
      const { bavail, bsize } = await statfs(path);
      return atLeast((bavail * bsize) / MB, limitMb, `Free disk space under ${path}.`);
    },
  };
}

export function memoryFree(limitMb = MIN_MEMORY_MB, state: () => MemoryState = memoryState): HealthCheck {
  return {
    name: 'memory_free',
    limit: `>= ${limitMb} MB`,
    read: () =>
      atLeast(state().freeBytes / MB, limitMb, 'Free memory, or raise the limit of the control group.'),
  };
}

/** Of what the machine or its control group has; others' memory counts too, so this alone is no reason to stop serving. */
export function memoryUsed(state: () => MemoryState = memoryState): HealthCheck {
  return {
    name: 'memory_used',
    limit: `< ${MAX_MEMORY_PERCENT} %`,
    read: () => {
      const { limitBytes, freeBytes } = state();
      return below((100 * (limitBytes - freeBytes)) / limitBytes, MAX_MEMORY_PERCENT, '%');
    },
  };
}

export function cpuUsed(latest: () => ResourceSample | undefined): HealthCheck {
  return {
    name: 'cpu_used',
    limit: `< ${MAX_CPU_PERCENT} %`,
    read: () => below(latest()?.cpuPercent ?? null, MAX_CPU_PERCENT, '%'),
  };
}

export function eventLoopLag(latest: () => ResourceSample | undefined): HealthCheck {
  return {
    name: 'event_loop_lag',
    limit: `< ${MAX_LAG_MS} ms`,
    read: () => below(latest()?.lagMs ?? null, MAX_LAG_MS, 'ms'),
  };
}

export function logWritable(stats: () => Pick<LogStats, 'problem' | 'dropped'>): HealthCheck {
  return {
    name: 'log_writable',
    limit: 'writable',
    read: () => {
      const { problem, dropped } = stats();
      if (problem === undefined) return { value: 'writable' };
      return { status: 'degraded', value: 'not writable', message: `${problem} (${dropped} lines lost)` };
    },
  };
}

function atLeast(mb: number, limitMb: number, remedy: string): HealthReading {
  const value = `${Math.floor(mb)} MB`;
  if (mb >= limitMb) return { value };
  return { status: statusAtLeast(mb, limitMb), value, message: remedy };
}

export function statusAtLeast(mb: number, limitMb: number): HealthStatus {
  if (mb >= limitMb) return 'healthy';
  return mb >= limitMb * CRITICAL_SHARE ? 'degraded' : 'unhealthy';
}

/** Null: not measured yet, which is no fault. */
export const statusBelow = (value: number | null, limit: number): HealthStatus =>
  value === null || value < limit ? 'healthy' : 'degraded';

function below(value: number | null, limit: number, unit: string): HealthReading {
  if (value === null) return { value: null, message: 'not measured yet' };
  const shown = `${value.toFixed(1)} ${unit}`;
  return { status: statusBelow(value, limit), value: shown };
}
