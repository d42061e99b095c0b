import type { QueueRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf, textFilter } from '../command.ts';
import { duration, optional } from '../output/format.ts';
import { statusColour } from '../output/process-status.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';

const HELP = `Deepest first; queues in which nothing waits only with --all. Mailboxes of processes; held_requests wait for a runner that
can take them; in_flight are with a runner; to_runner and to_host are what the other side of a wire has not taken yet.`;

export const COLUMNS: readonly Column<QueueRow>[] = [
  { head: 'QUEUE', cell: ({ queue }) => queue, style: ({ queue }) => statusColour(queue) },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'DEPTH', cell: ({ depth }) => optional(depth), align: 'right' },
  { head: 'BYTES', cell: (row) => bytes(row.bytes), align: 'right' },
  {
    head: 'OLDEST',
    cell: ({ oldest_ms }) => (oldest_ms === null ? '-' : duration(oldest_ms)),
    align: 'right',
  },
];

export const command = query('queues', {
  help: HELP,
  configure: (command) => {
    command.option('--all', 'also queues in which nothing waits');
  },
  params: ({ options }) => ({ all: options.all === true }),
  render: (rows, terminal) => (rows.length === 0 ? 'Nothing waits.' : table(terminal, rows, COLUMNS)),
  list: rowsOf<QueueRow>({
    filters: [
      textFilter('--where <pattern>', 'place', ({ where }) => where),
      choiceFilter(
        '--kind <kind>',
        'kind',
        ['mailbox', 'held', 'in_flight', 'wire', 'runner'],
        ({ kind }) => kind,
      ),
    ],
  }),
});
