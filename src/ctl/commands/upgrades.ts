import type { UpgradeRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf, textFilter } from '../command.ts';
import { duration, optional } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';

const COLOURS = {
  running: 'yellow',
  completed: 'green',
  failed: 'red',
  rolled_back: 'red',
  aborted: 'yellow',
  interrupted: 'red',
} as const satisfies Record<UpgradeRow['outcome'], 'yellow' | 'green' | 'red'>;

export const COLUMNS: readonly Column<UpgradeRow>[] = [
  { head: 'ID', cell: ({ id }) => id, align: 'right' },
  { head: 'STARTED', cell: ({ started }) => started },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'FROM', cell: ({ from_version }) => from_version },
  { head: 'TO', cell: ({ target_version }) => target_version },
  { head: 'TOOK', cell: ({ ms }) => (ms === null ? '-' : duration(ms)), align: 'right' },
  { head: 'LONGEST PHASE', cell: longest },
  { head: 'OUTCOME', cell: ({ outcome }) => outcome, style: ({ outcome }) => COLOURS[outcome] },
  { head: 'WATCH', cell: ({ watch }) => optional(watch) },
  { head: 'VERDICT', cell: ({ verdict }) => optional(verdict) },
  { head: 'BY', cell: ({ by }) => optional(by) },
  { head: 'WHY', cell: ({ why }) => optional(why) },
  { head: 'REASON', cell: ({ reason }) => optional(reason) },
];

export const command = query('upgrades', {
  help: `What became of each upgrade and downgrade, the newest first, at most 1,000; --json has the times of all phases. interrupted: the host ended
meanwhile; log/erlmcp.log says on which side of the commit point. WATCH: how it ended; VERDICT: what the measurements said then.`,
  render: (rows, terminal) => (rows.length > 0 ? table(terminal, rows, COLUMNS) : 'No upgrade yet.'),
  list: rowsOf<UpgradeRow>({
    filters: [
      choiceFilter('--outcome <outcome>', 'outcome', Object.keys(COLOURS), ({ outcome }) => outcome),
      textFilter('--by <pattern>', 'by', ({ by }) => by ?? ''),
    ],
    sorts: { id: ({ id }) => id, took: ({ ms }) => ms ?? 0 },
  }),
});

function longest({ phases }: UpgradeRow): string {
  const [first, ...rest] = phases;
  if (!first) return '-';
  const { phase, ms } = rest.reduce((most, one) => (one.ms > most.ms ? one : most), first);
  return `${phase} ${duration(ms)}`;
}
