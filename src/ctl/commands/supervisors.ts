import type { SupervisorRow } from '../../control/types.ts';
import { query, rowsOf, textFilter } from '../command.ts';
import { optional, seconds } from '../output/format.ts';
import { statusColour } from '../output/process-status.ts';
import { type Column, table } from '../output/table.ts';
import { drawTree } from '../output/tree.ts';

const HELP = `RESTARTS: those of the last period, of so many that are allowed; one more ends the supervisor.
Suspended ones go on with: erlmcpctl resume_supervisors`;

type Drawn = SupervisorRow & { branch: string };

export const COLUMNS: readonly Column<Drawn>[] = [
  { head: 'SUPERVISOR', cell: ({ branch, id }) => `${branch}${id}` },
  { head: 'PID', cell: ({ pid }) => optional(pid) },
  { head: 'WHERE', cell: ({ where }) => where },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'RESTART', cell: ({ restart }) => optional(restart) },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => statusColour(status) },
  { head: 'STRATEGY', cell: ({ strategy }) => optional(strategy) },
  { head: 'RESTARTS', cell: restarts, style: ({ restarts }) => (restarts ? 'yellow' : undefined) },
];

function restarts({ restarts, intensity, period_s }: SupervisorRow): string {
  if (restarts === null || intensity === null || period_s === null) return '-';
  return `${restarts} of ${intensity} in ${seconds(period_s)}`;
}

export const command = query('supervisors', {
  help: HELP,
  render: (rows, terminal) => {
    const branches = drawTree(rows.map(({ depth }) => depth));
    return table(
      terminal,
      rows.map((row, at) => ({ ...row, branch: branches[at] ?? '' })),
      COLUMNS,
    );
  },
  list: rowsOf<SupervisorRow>({
    filters: [textFilter('--where <pattern>', 'place', ({ where }) => where)],
  }),
});
