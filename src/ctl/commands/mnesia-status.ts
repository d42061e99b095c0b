import type { Backup, DiscTable, MnesiaStatusResult, StoreEnvironment } from '../../control/types.ts';
import { query } from '../command.ts';
import { duration, optional, printable } from '../output/format.ts';
import { rowVersions } from '../output/row-versions.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, pairs, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

const ENVIRONMENTS: readonly Column<StoreEnvironment>[] = [
  { head: 'STORE', cell: ({ name }) => name },
  {
    head: 'WRITER',
    cell: ({ writer }) => writer,
    style: ({ writer }) => (writer === 'free' ? 'green' : 'red'),
  },
  { head: 'SIZE', cell: ({ size_bytes }) => bytes(size_bytes), align: 'right' },
  { head: 'USED', cell: ({ used_bytes }) => bytes(used_bytes), align: 'right' },
  { head: 'READERS', cell: ({ readers }) => readers, align: 'right' },
  { head: 'LAST TRANSACTION', cell: ({ last_transaction }) => last_transaction, align: 'right' },
  { head: 'PATH', cell: ({ path }) => path },
];

const TABLES: readonly Column<DiscTable>[] = [
  { head: 'TABLE', cell: ({ name }) => name },
  { head: 'VERSION', cell: ({ version }) => optional(version), align: 'right' },
  { head: 'ROWS', cell: ({ rows }) => optional(rows), align: 'right' },
  { head: 'ROW VERSIONS', cell: rowVersions },
  {
    head: 'CONSISTENT',
    cell: ({ consistent }) => (consistent === null ? '-' : consistent ? 'yes' : 'no'),
    style: ({ consistent }) => (consistent === false ? 'red' : undefined),
  },
];

const BACKUPS: readonly Column<Backup>[] = [
  { head: 'BACKUP', cell: ({ name }) => name },
  { head: 'CREATED', cell: ({ created }) => created },
  { head: 'COPIED', cell: (backup) => bytes(backup.bytes), align: 'right' },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'damaged' ? 'red' : undefined),
  },
];

export const COLUMNS: readonly Column<never>[] = [...ENVIRONMENTS, ...TABLES, ...BACKUPS];

export const command = query('mnesia_status', {
  help: `The stores of the node: host has sessions, journal and the active release, disc and ram the tables.
WRITER is busy where no write got through in time. STATE of a backup: ok, its sum is that of its making; unchecked, it is
too large for a status, and sha256sum -c data.mdb.sha256 in its folder disc/ does it.`,
  configure: (command) => {
    command.option(
      '--row-versions',
      'look at up to 10,000 rows of each table for the versions that wrote them',
    );
  },
  params: ({ options }) => (options.rowVersions === true ? { row_versions: true } : {}),
  render,
});

function render(status: MnesiaStatusResult, terminal: Terminal): string {
  const { running, directory, environments, tables, backups, flush_ms } = status;
  const facts = pairs(terminal, [
    ['running', running ? 'yes' : 'no'],
    ['directory', printable(directory)],
    ['flush', flush_ms === null ? '-' : duration(flush_ms)],
  ]);
  return [
    facts,
    table(terminal, environments, ENVIRONMENTS),
    table(terminal, tables, TABLES),
    backups.length > 0
      ? table(terminal, backups, BACKUPS)
      : 'No backups yet: an upgrade makes one, or erlmcpctl backup.',
  ].join('\n\n');
}
