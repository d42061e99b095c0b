import type { Backup } from '../../control/types.ts';
import { choiceFilter, query, rowsOf } from '../command.ts';
import { optional } from '../output/format.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';

export const COLUMNS: readonly Column<Backup>[] = [
  { head: 'BACKUP', cell: ({ name }) => name },
  { head: 'CREATED', cell: ({ created }) => created },
  { head: 'TABLES', cell: ({ tables }) => optional(tables), align: 'right' },
  { head: 'ROWS', cell: ({ rows }) => optional(rows), align: 'right' },
  { head: 'SIZE', cell: (backup) => bytes(backup.bytes), align: 'right' },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'damaged' ? 'red' : undefined),
  },
];

export const command = query('backups', {
  help: `Those in backups/, the newest first; its name says who made it: an upgrade (its version), erlmcpctl backup (manual), or a
restore (replaced: what the tables held until then). STATE: ok, its files are those that were verified; damaged, one is
missing or another; unchecked, too large to be summed here: a restore does it before it begins.`,
  render: (backups, terminal) =>
    backups.length > 0
      ? table(terminal, backups, COLUMNS)
      : 'No backups yet; make one with: erlmcpctl backup',
  list: rowsOf<Backup>({
    filters: [choiceFilter('--state <state>', 'state', ['ok', 'damaged', 'unchecked'], ({ state }) => state)],
    sorts: { created: ({ created }) => created, size: (backup) => backup.bytes },
  }),
});
