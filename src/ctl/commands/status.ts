import { progressSentence } from '../../control/progress-text.ts';
import type { LingeringCall, Runner, StatusResult, Task } from '../../control/types.ts';
import { query } from '../command.ts';
import { duration, optional, plural, printable, seconds } from '../output/format.ts';
import { type Column, pairs, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { upgradeSentence, watchSentence } from '../output/upgrade-text.ts';

const RUNNER_COLUMNS: readonly Column<Runner>[] = [
  { head: 'RUNNER', cell: ({ pid }) => pid },
  { head: 'VERSION', cell: ({ version }) => version },
  { head: 'ROLE', cell: ({ role }) => role },
  { head: 'STATE', cell: ({ state }) => state },
];

const LINGERING_COLUMNS: readonly Column<LingeringCall>[] = [
  { head: 'LINGERING CALL', cell: ({ tool }) => tool },
  { head: 'SESSION', cell: ({ session }) => optional(session) },
  { head: 'RUNS FOR', cell: ({ since_ms }) => duration(since_ms), align: 'right' },
  { head: 'ON RUNNER', cell: ({ runner }) => runner },
];

export const COLUMNS = [...RUNNER_COLUMNS, ...LINGERING_COLUMNS];

export const command = query('status', { help: '`next step` says what to do.', render });

function render(status: StatusResult, terminal: Terminal): string {
  const { node, versions, sessions } = status;
  const parts = [
    pairs(terminal, [
      ['node', printable(`${node.name}, home ${node.home}, pid ${node.pid}, up ${seconds(node.uptime_s)}`)],
      ['host', versions.host],
      ['release', versions.release],
      [
        'upgrade',
        printable(
          [upgradeSentence(status.upgrade, status.phase), status.progress].filter(Boolean).join('; '),
        ),
      ],
      ['watch', watchSentence(status.watch)],
      [
        'sessions',
        `${sessions.total}, ${sessions.with_stream} with an open stream, ${sessions.hydrated} hydrated, ` +
          `${plural(sessions.calls_in_flight, 'call')} in flight`,
      ],
      ...status.tasks.map((task): [string, string] => [task.kind, taskSentence(task)]),
      ['next step', printable(status.next_step)],
    ]),
    table(terminal, status.runners, RUNNER_COLUMNS),
  ];
  if (status.lingering.length > 0) parts.push(table(terminal, status.lingering, LINGERING_COLUMNS));
  return parts.join('\n\n');
}

function taskSentence({ subject, ms, progress }: Task): string {
  const far = progress ? `, ${progressSentence(progress)}` : '';
  return printable(`${subject}, for ${duration(ms)}${far}`);
}
