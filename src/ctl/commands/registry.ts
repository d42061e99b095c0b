import type { RegistryRow } from '../../control/types.ts';
import { type CtlCommand, query } from '../command.ts';
import { optional } from '../output/format.ts';
import { table } from '../output/table.ts';

export const command: CtlCommand = {
  help: 'The rows of the table erlmcp_registry.',
  run: query('registry', {
    render: (rows, terminal) =>
      table<RegistryRow>(terminal, rows, [
        { head: 'NAME', cell: ({ name }) => name },
        { head: 'KIND', cell: ({ kind }) => kind },
        { head: 'WHERE', cell: ({ where }) => where },
        { head: 'PID', cell: ({ pid }) => optional(pid), align: 'right' },
        { head: 'SINCE', cell: ({ since }) => since },
      ]),
  }),
};
