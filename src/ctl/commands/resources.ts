import type { ProcessResources, ResourceRow, ResourcesResult } from '../../control/types.ts';
import { query } from '../command.ts';
import { duration, optional } from '../output/format.ts';
import { bytes, percent } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

const COLOURS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

const NODE: readonly Column<ResourceRow>[] = [
  { head: 'RESOURCE', cell: ({ name }) => name },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => COLOURS[status] },
  { head: 'VALUE', cell: shown, align: 'right' },
  { head: 'LIMIT', cell: ({ limit }) => optional(limit), align: 'right' },
];

const PROCESSES: readonly Column<ProcessResources>[] = [
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'PID', cell: ({ os_pid }) => os_pid, align: 'right' },
  { head: 'CPU', cell: ({ cpu_percent }) => percent(cpu_percent), align: 'right' },
  { head: 'MEMORY', cell: ({ memory_bytes }) => bytes(memory_bytes), align: 'right' },
  { head: 'THREADS', cell: ({ threads }) => optional(threads), align: 'right' },
  { head: 'OPEN FILES', cell: ({ open_files }) => optional(open_files), align: 'right' },
  { head: 'SINCE', cell: ({ since }) => since },
];

export const COLUMNS: readonly Column<never>[] = [...NODE, ...PROCESSES];

export const command = query('resources', {
  help: `CPU of the node is of all processors, that of a process of one. A dash: not measured yet, or not known on this system.
It lists and does not judge: the exit code is 0 whatever the statuses. erlmcpctl health judges all but the open files.`,
  render,
});

function render({ node, processes }: ResourcesResult, terminal: Terminal): string {
  return [table(terminal, node, NODE), table(terminal, processes, PROCESSES)].join('\n\n');
}

function shown({ value, unit }: ResourceRow): string {
  if (value === null) return '-';
  if (unit === 'bytes') return bytes(value);
  if (unit === 'percent') return percent(value);
  return unit === 'ms' ? duration(value) : String(value);
}
