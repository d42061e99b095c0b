import type { GenServerRow } from '../../control/types.ts';
import { query, rowsOf } from '../command.ts';
import { optional, round } from '../output/format.ts';
import { statusColour } from '../output/process-status.ts';
import { type Column, table } from '../output/table.ts';
import { processFilters } from '../process-filters.ts';

const HELP = `Each server is sent a message that it answers in its turn; ANSWER MS is - where none came within a second.
VERSION is that of the shape of its state.`;

export const COLUMNS: readonly Column<GenServerRow>[] = [
  { head: 'NAME', cell: ({ name }) => optional(name) },
  { head: 'PID', cell: ({ pid }) => optional(pid) },
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'VERSION', cell: ({ version }) => optional(version), align: 'right' },
  { head: 'SUPERVISOR', cell: ({ supervisor }) => optional(supervisor) },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => statusColour(status) },
  { head: 'MAILBOX', cell: ({ mailbox }) => optional(mailbox), align: 'right' },
  { head: 'HANDLED', cell: ({ handled }) => optional(handled), align: 'right' },
  {
    head: 'ANSWER MS',
    cell: ({ answer_ms }) => optional(answer_ms === null ? null : round(answer_ms, 2)),
    align: 'right',
    style: ({ answer_ms }) => (answer_ms === null ? 'yellow' : undefined),
  },
  { head: 'SINCE', cell: ({ since }) => optional(since) },
];

export const command = query('gen_servers', {
  help: HELP,
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
  list: rowsOf<GenServerRow>({
    filters: processFilters<GenServerRow>(),
    sorts: {
      mailbox: ({ mailbox }) => mailbox,
      handled: ({ handled }) => handled,
      answer: ({ answer_ms }) => answer_ms,
      name: ({ name }) => name,
    },
  }),
});
