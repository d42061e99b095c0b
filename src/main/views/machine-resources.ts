/** The node's use of the machine, each figure against its limit, and of which process it is. */
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ProcessResources, ResourceRow, ResourcesResult } from '../../control/index.ts';
import {
  MAX_CPU_PERCENT,
  MAX_LAG_MS,
  MAX_MEMORY_PERCENT,
  MAX_OPEN_FILES_PERCENT,
  MIN_DISK_MB,
  MIN_MEMORY_MB,
  statusAtLeast,
  statusBelow,
} from '../../observability/health/index.ts';
import { openFilesLimit } from '../../observability/process-details.ts';
import { memoryState } from '../../observability/system-memory.ts';
import type { NodeParts } from '../node-parts.ts';
import { type NodeProcess, nodeProcesses } from './machine-processes.ts';

const MB = 1024 * 1024;

export async function resourcesView(node: NodeParts): Promise<ResourcesResult> {
  const processes = await nodeProcesses(node);
  return { node: await nodeRows(node, processes), processes: processes.map(processRow) };
}

async function nodeRows(node: NodeParts, processes: readonly NodeProcess[]): Promise<ResourceRow[]> {
  const { limitBytes, freeBytes } = memoryState();
  const { bavail, bsize } = await statfs(node.home);
  const files = processes.find(({ runner }) => runner === undefined)?.openFiles ?? null;
  const lag = node.metrics.resources()?.lagMs ?? null;
  return [
    below('cpu', cpuOfMachine(processes), 'percent', MAX_CPU_PERCENT, '%'),
    below('memory', (100 * (limitBytes - freeBytes)) / limitBytes, 'percent', MAX_MEMORY_PERCENT, '%'),
    below('event_loop_lag', lag, 'ms', MAX_LAG_MS, 'ms'),
    atLeast('disk_free', bavail * bsize, MIN_DISK_MB),
    atLeast('memory_free', freeBytes, MIN_MEMORY_MB),
    openFilesRow(files, await openFilesLimit()),
  ];
}

/** Of all processors; null while there is nothing to compare with. */
function cpuOfMachine(processes: readonly NodeProcess[]): number | null {
  const known = processes.flatMap(({ cpuPercent }) => cpuPercent ?? []);
  if (known.length === 0) return null;
  const sum = known.reduce((total, percent) => total + percent, 0);
  return Math.round((10 * sum) / availableParallelism()) / 10;
}

function below(
  name: ResourceRow['name'],
  value: number | null,
  unit: ResourceRow['unit'],
  most: number,
  shownUnit: string,
): ResourceRow {
  return { name, value, unit, limit: `< ${most} ${shownUnit}`, status: statusBelow(value, most) };
}

const atLeast = (name: ResourceRow['name'], bytes: number, leastMb: number): ResourceRow => ({
  name,
  value: bytes,
  unit: 'bytes',
  limit: `>= ${leastMb} MB`,
  status: statusAtLeast(bytes / MB, leastMb),
});

/** The limit is the system's for the process: beyond it connections are refused. */
function openFilesRow(files: number | null, limit: number | null): ResourceRow {
  const row = { name: 'open_files', value: files, unit: 'count' } as const;
  if (limit === null) return { ...row, limit: null, status: 'healthy' };
  const most = Math.floor((limit * MAX_OPEN_FILES_PERCENT) / 100);
  return { ...row, limit: `< ${most}`, status: statusBelow(files, most) };
}

const processRow = (found: NodeProcess): ProcessResources => ({
  where: found.where,
  os_pid: found.pid,
  cpu_percent: found.cpuPercent === null ? null : Math.round(found.cpuPercent * 10) / 10,
  memory_bytes: found.memoryBytes,
  threads: found.threads,
  open_files: found.openFiles,
  since: found.since.toISOString(),
});
