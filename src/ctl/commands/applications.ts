import type { ApplicationRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf, textFilter } from '../command.ts';
import { optional } from '../output/format.ts';
import { statusColour } from '../output/process-status.ts';
import { type Column, table } from '../output/table.ts';

const HELP = `One that has ended starts again with: erlmcpctl restart <application>
TYPE: what the end of the application means. permanent: the runner is started anew; transient: only after a failure; temporary: it
stands here as failed or stopped, and the node's health is degraded.`;

const STATES = Object.keys({
  loaded: 0,
  starting: 0,
  started: 0,
  suspended: 0,
  stopping: 0,
  stopped: 0,
  failed: 0,
  no_answer: 0,
} satisfies Record<ApplicationRow['state'], 0>);

export const COLUMNS: readonly Column<ApplicationRow>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'VSN', cell: ({ vsn }) => optional(vsn) },
  { head: 'WHERE', cell: ({ where }) => where },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'started' ? 'green' : statusColour(state)),
  },
  { head: 'TYPE', cell: ({ type }) => optional(type) },
  { head: 'PROCESSES', cell: ({ processes }) => optional(processes), align: 'right' },
  { head: 'TABLES', cell: ({ tables }) => optional(tables), align: 'right' },
  { head: 'MCP', cell: ({ mcp }) => (mcp === null ? '-' : mcp ? 'yes' : 'no') },
  { head: 'SINCE', cell: ({ since }) => optional(since) },
  { head: 'REASON', cell: ({ reason }) => optional(reason) },
];

export const command = query('applications', {
  help: HELP,
  render: (rows, terminal) => table(terminal, rows, COLUMNS),
  list: rowsOf<ApplicationRow>({
    filters: [
      textFilter('--name <pattern>', 'name', ({ name }) => name),
      textFilter('--where <pattern>', 'place', ({ where }) => where),
      choiceFilter('--state <state>', 'state', STATES, ({ state }) => state),
    ],
    sorts: { name: ({ name }) => name, processes: ({ processes }) => processes },
  }),
});
