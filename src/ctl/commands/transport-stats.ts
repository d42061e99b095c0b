import type { TransportStats } from '../../control/types.ts';
import { query } from '../command.ts';
import { optional } from '../output/format.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';

export const COLUMNS: readonly Column<TransportStats>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'open' ? 'green' : state === 'failed' ? 'red' : 'yellow'),
  },
  { head: 'CONNECTIONS', cell: ({ connections }) => connections, align: 'right' },
  { head: 'CONNECTIONS TOTAL', cell: ({ connections_total }) => connections_total, align: 'right' },
  { head: 'REQUESTS', cell: ({ requests }) => requests, align: 'right' },
  { head: 'NOTIFICATIONS', cell: ({ notifications }) => notifications, align: 'right' },
  { head: 'ANSWERS', cell: ({ answers }) => answers, align: 'right' },
  { head: 'ERRORS', cell: ({ errors }) => errors, align: 'right' },
  { head: 'STREAMS', cell: ({ streams }) => optional(streams), align: 'right' },
  { head: 'BYTES IN', cell: ({ bytes_in }) => bytes(bytes_in), align: 'right' },
  { head: 'BYTES OUT', cell: ({ bytes_out }) => bytes(bytes_out), align: 'right' },
  { head: 'SINCE', cell: ({ since }) => since },
];

export const command = query('transport_stats', {
  help: `Counted since the host started, over restarts of the transport too. ERRORS are JSON-RPC errors and refusals of HTTP, among
the ANSWERS; a result that says isError is none. Bytes are those on the sockets.`,
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
});
