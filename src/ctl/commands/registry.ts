import type { RegistryRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf, textFilter } from '../command.ts';
import { optional } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';

export const COLUMNS: readonly Column<RegistryRow>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'PID', cell: ({ pid }) => optional(pid), align: 'right' },
  { head: 'SINCE', cell: ({ since }) => since },
];

export const command = query('registry', {
  help: 'The rows of the table erlmcp_registry.',
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
  list: rowsOf<RegistryRow>({
    filters: [
      textFilter('--name <pattern>', 'name', ({ name }) => name),
      textFilter('--where <pattern>', 'place', ({ where }) => where),
      choiceFilter('--kind <kind>', 'kind', ['process', 'transport', 'application'], ({ kind }) => kind),
    ],
    sorts: { name: ({ name }) => name, since: ({ since }) => since },
  }),
});
