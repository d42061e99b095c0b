import type { ReleaseRow } from '../../control/types.ts';
import { choiceFilter, query, rowsOf } from '../command.ts';
import { optional } from '../output/format.ts';
import { bytes } from '../output/sizes.ts';
import { type Column, table } from '../output/table.ts';

const COLOURS = {
  unpacked: undefined,
  current: 'yellow',
  permanent: 'green',
  old: undefined,
  damaged: 'red',
} as const satisfies Record<ReleaseRow['status'], 'yellow' | 'green' | 'red' | undefined>;

export const COLUMNS: readonly Column<ReleaseRow>[] = [
  { head: 'NAME', cell: ({ name }) => optional(name) },
  { head: 'VSN', cell: ({ vsn }) => vsn },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => COLOURS[status] },
  { head: 'APPLICATIONS', cell: ({ applications }) => applications.join(' ') || '-' },
  { head: 'PACKAGE', cell: (release) => (release.package ? 'yes' : 'no') },
  { head: 'SIZE', cell: (release) => bytes(release.bytes), align: 'right' },
  { head: 'INSTALLED', cell: ({ installed }) => installed },
];

export const command = query('releases', {
  help: `STATUS as in OTP: current runs within its watch, permanent is what runs, or is gone back to, when the watch ends badly; old
ran before; unpacked is installed and never ran, or was rolled back; damaged can't be started. PACKAGE: it is in packages/ too.`,
  render: (rows, terminal) => (rows.length > 0 ? table(terminal, rows, COLUMNS) : 'No release is installed.'),
  list: rowsOf<ReleaseRow>({
    filters: [choiceFilter('--status <status>', 'status', Object.keys(COLOURS), ({ status }) => status)],
  }),
});
