import type { Transport } from '../../control/types.ts';
import { type CtlCommand, query } from '../command.ts';
import { optional } from '../output/format.ts';
import { table } from '../output/table.ts';

export const command: CtlCommand = {
  help: 'A transport that is not open can be opened again with: erlmcpctl restart <transport>',
  run: query('transports', {
    render: (transports, terminal) =>
      table<Transport>(terminal, transports, [
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
      ]),
  }),
};
