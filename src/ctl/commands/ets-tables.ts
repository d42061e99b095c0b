import type { TableRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf } from '../command.ts';
import { optional } from '../output/format.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';

const COLOURS: Readonly<Record<TableRow['status'], Column<TableRow>['style']>> = {
  ok: () => 'green',
  damaged: () => 'red',
  missing: () => 'red',
  not_writable: () => 'red',
  unused: () => undefined,
  no_answer: () => 'yellow',
};

export const COLUMNS: readonly Column<TableRow>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'OWNER', cell: ({ owner }) => optional(owner) },
  { head: 'VERSION', cell: ({ version }) => optional(version), align: 'right' },
  { head: 'STORAGE', cell: ({ storage }) => storage },
  { head: 'TYPE', cell: ({ type }) => optional(type) },
  { head: 'ROWS', cell: ({ rows }) => optional(rows), align: 'right' },
  { head: 'BYTES', cell: (row) => bytes(row.bytes), align: 'right' },
  { head: 'DAMAGED', cell: ({ damaged }) => damaged, align: 'right' },
  { head: 'STATUS', cell: ({ status }) => status, style: (row) => COLOURS[row.status]?.(row) },
];

export const command = query('ets_tables', {
  help: `STATUS: ok, a row could be read and written just now; damaged, a row can't be read; missing, the release declares it
and the store has it not; not_writable, no write got through in time; unused, stored by a release that ran before;
no_answer, the runner did not say in time what it declares.
DAMAGED counts rows that failed their checksum as they were read, since the runner started.
It lists and does not judge: the exit code is 0 whatever the statuses. erlmcpctl health judges what is damaged or missing. A table that there is not: 1.`,
  configure: (command) => {
    command.argument('[name]', 'only this table');
  },
  params: ({ args }) => (args[0] === undefined ? {} : { name: args[0] }),
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
  list: rowsOf<TableRow>({
    filters: [
      choiceFilter('--storage <storage>', 'storage', ['ram', 'disc'], ({ storage }) => storage),
      choiceFilter('--status <status>', 'status', Object.keys(COLOURS), ({ status }) => status),
    ],
    sorts: {
      name: ({ name }) => name,
      rows: ({ rows }) => rows,
      bytes: (row) => row.bytes,
      damaged: ({ damaged }) => damaged,
    },
  }),
});
