import type { LingeringCall, Runner, StatusResult } from '../../control/types.ts';
import { type CtlCommand, query } from '../command.ts';
import { duration, optional, plural, printable, seconds } from '../output/format.ts';
import { pairs, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { upgradeSentence, watchSentence } from '../output/upgrade-text.ts';

export const command: CtlCommand = {
  help: 'The last line says what to do next.',
  run: query('status', { render }),
};

function render(status: StatusResult, terminal: Terminal): string {
  const { node, versions, sessions } = status;
  const parts = [
    pairs(terminal, [
      ['node', printable(`${node.name}, home ${node.home}, pid ${node.pid}, up ${seconds(node.uptime_s)}`)],
      ['host', versions.host],
      ['release', versions.release],
      ['upgrade', upgradeSentence(status.upgrade, status.phase)],
      ['watch', watchSentence(status.watch)],
      [
        'sessions',
        `${sessions.total}, ${sessions.with_stream} with an open stream, ${sessions.hydrated} hydrated, ` +
          `${plural(sessions.calls_in_flight, 'call')} in flight`,
      ],
      ['next step', printable(status.next_step)],
    ]),
    runnerTable(status.runners, terminal),
  ];
  if (status.lingering.length > 0) parts.push(lingeringTable(status.lingering, terminal));
  return parts.join('\n\n');
}

const runnerTable = (runners: readonly Runner[], terminal: Terminal): string =>
  table<Runner>(terminal, runners, [
    { head: 'RUNNER', cell: ({ pid }) => pid },
    { head: 'VERSION', cell: ({ version }) => version },
    { head: 'ROLE', cell: ({ role }) => role },
    { head: 'STATE', cell: ({ state }) => state },
  ]);

const lingeringTable = (calls: readonly LingeringCall[], terminal: Terminal): string =>
  table<LingeringCall>(terminal, calls, [
    { head: 'LINGERING CALL', cell: ({ tool }) => tool },
    { head: 'SESSION', cell: ({ session }) => optional(session) },
    { head: 'RUNS FOR', cell: ({ since_ms }) => duration(since_ms), align: 'right' },
    { head: 'RUNNER', cell: ({ runner }) => runner },
  ]);
