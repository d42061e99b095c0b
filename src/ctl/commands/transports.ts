import type { Transport } from '../../control/types.ts';
import { query } from '../command.ts';
import { optional } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';

export const COLUMNS: readonly Column<Transport>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'open' ? 'green' : state === 'failed' ? 'red' : 'yellow'),
  },
  { head: 'ADDRESS', cell: ({ address }) => optional(address) },
  { head: 'CONNECTIONS', cell: ({ connections }) => connections, align: 'right' },
  { head: 'SESSIONS', cell: ({ sessions }) => sessions, align: 'right' },
  { head: 'SINCE', cell: ({ since }) => since },
];

export const command = query('transports', {
  help: 'A transport that is not open can be opened again with: erlmcpctl restart <transport>',
  render: (transports, terminal) => table(terminal, transports, COLUMNS),
});
