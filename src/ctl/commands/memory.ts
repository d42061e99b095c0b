import type { MemoryResult, MemoryRow } from '../../control/types.ts';
import { query } from '../command.ts';
import { bytes, percent } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

export const COLUMNS: readonly Column<MemoryRow>[] = [
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'PID', cell: ({ os_pid }) => os_pid, align: 'right' },
  { head: 'ANONYMOUS', cell: ({ anonymous_bytes }) => bytes(anonymous_bytes), align: 'right' },
  { head: 'MAPPED', cell: ({ mapped_bytes }) => bytes(mapped_bytes), align: 'right' },
  { head: 'HEAP USED', cell: ({ heap_used_bytes }) => bytes(heap_used_bytes), align: 'right' },
  { head: 'HEAP TOTAL', cell: ({ heap_total_bytes }) => bytes(heap_total_bytes), align: 'right' },
  { head: 'HEAP LIMIT', cell: ({ heap_limit_bytes }) => bytes(heap_limit_bytes), align: 'right' },
  { head: 'EXTERNAL', cell: ({ external_bytes }) => bytes(external_bytes), align: 'right' },
];

export const command = query('memory', {
  help: `ANONYMOUS is a process's own memory, which the watch judges. MAPPED are pages of files, shared between processes: the
tables' memory map and the program. Of a parked runner only what the kernel says is known.`,
  render: ({ total_bytes, limit_bytes, used_percent, processes }: MemoryResult, terminal: Terminal) =>
    `${bytes(total_bytes)} of ${bytes(limit_bytes)}, ${percent(used_percent)}\n\n${table(terminal, processes, COLUMNS)}`,
});
