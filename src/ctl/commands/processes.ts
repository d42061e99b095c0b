import type { ProcessRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf } from '../command.ts';
import { optional } from '../output/format.ts';
import { statusColour } from '../output/process-status.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';
import { processFilters } from '../process-filters.ts';

const HELP = `Host and runners. STATUS: running (at work), waiting (for a message), suspended (takes none), moved (lives in another runner now).
A runner with no_answer did not answer within a second. HANDLED of a supervisor counts ends of its children.`;

export const COLUMNS: readonly Column<ProcessRow>[] = [
  { head: 'PID', cell: ({ pid }) => optional(pid) },
  { head: 'NAME', cell: ({ name }) => optional(name) },
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => statusColour(status) },
  { head: 'MAILBOX', cell: ({ mailbox }) => optional(mailbox), align: 'right' },
  { head: 'HANDLED', cell: ({ handled }) => optional(handled), align: 'right' },
  { head: 'MEMORY', cell: ({ memory_bytes }) => bytes(memory_bytes), align: 'right' },
  { head: 'CURRENT', cell: ({ current }) => optional(current) },
];

export const command = query('processes', {
  help: HELP,
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
  list: rowsOf<ProcessRow>({
    filters: [
      ...processFilters<ProcessRow>(),
      choiceFilter('--kind <kind>', 'kind', ['server', 'supervisor', 'runner'], ({ kind }) => kind),
    ],
    sorts: {
      mailbox: ({ mailbox }) => mailbox,
      handled: ({ handled }) => handled,
      memory: ({ memory_bytes }) => memory_bytes,
      name: ({ name }) => name,
    },
  }),
});
