import { InvalidArgumentError, Option } from 'commander';
import type { ParamsOf } from '../../control/methods.ts';
import type { SessionRow, SessionsResult } from '../../control/types.ts';
import { query } from '../command.ts';
import { optional, plural } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

export const COLUMNS: readonly Column<SessionRow>[] = [
  { head: 'SESSION', cell: ({ session }) => session },
  { head: 'CLIENT', cell: ({ client }) => optional(client) },
  { head: 'TRANSPORT', cell: ({ transport }) => transport },
  { head: 'PROTOCOL', cell: ({ protocol }) => protocol },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'HYDRATED', cell: ({ hydrated }) => (hydrated ? 'yes' : 'no') },
  { head: 'STREAMS', cell: ({ streams }) => streams, align: 'right' },
  { head: 'SUBSCRIPTIONS', cell: ({ subscriptions }) => subscriptions, align: 'right' },
  { head: 'CALLS', cell: ({ calls_in_flight }) => calls_in_flight, align: 'right' },
  { head: 'CREATED', cell: ({ created }) => created },
  { head: 'USED', cell: ({ used }) => used },
];

const MOST = 1_000;

export const command = query('sessions', {
  help: `The last used first. STATE: live, in memory; rest, a record until its next request. HYDRATED: it has an instance in a runner.
Clients of revision 2026-07-28 have no session.`,
  configure: (command) => {
    command
      .addOption(new Option('--state <state>', 'only sessions in this state').choices(['live', 'rest']))
      .addOption(new Option('--transport <name>', 'only those of this one').choices(['http', 'stdio']))
      .addOption(new Option('--limit <rows>', 'at most so many; 100 unless given').argParser(parseLimit));
  },
  params: ({ options: { state, transport, limit } }) =>
    // Only what was given: the node has the defaults.
    JSON.parse(JSON.stringify({ state, transport, limit })) as ParamsOf<'sessions'>,
  render,
});

function render({ total, searched, rows }: SessionsResult, terminal: Terminal): string {
  const shown = `${rows.length} of ${plural(total, 'session')}, ${searched} looked at`;
  return rows.length === 0 ? shown : `${table(terminal, rows, COLUMNS)}\n\n${shown}`;
}

function parseLimit(text: string): number {
  const limit = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new InvalidArgumentError(`It is not a whole number from 1 to ${MOST}.`);
}
