import type { SessionRow, SessionsResult } from '../../control/types.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { answerDeadline, ConnectionLost } from '../client.ts';
import { ask, type CtlCommand, type Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { optional, plural } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import { waitForExit } from '../process-end.ts';

export const COLUMNS: readonly Column<SessionRow>[] = [
  { head: 'CLIENT', cell: ({ client }) => optional(client) },
  { head: 'SESSION', cell: ({ session }) => session },
  { head: 'TRANSPORT', cell: ({ transport }) => transport },
  { head: 'PROTOCOL', cell: ({ protocol }) => protocol },
  { head: 'STREAMS', cell: ({ streams }) => streams, align: 'right' },
  { head: 'CALLS', cell: ({ calls_in_flight }) => calls_in_flight, align: 'right' },
  { head: 'USED', cell: ({ used }) => used },
];

export const command: CtlCommand = {
  help: `It lists the sessions in use and asks. Off a terminal it needs --yes.
Sessions are kept for the next start; calls in flight are answered as far as there is time.`,
  configure: (command) => {
    command.option('--yes', 'do not ask');
  },
  run: async (invocation) => {
    const { home, json, terminal, options } = invocation;
    const deadline = answerDeadline();
    const sessions = await ask(home, 'sessions', { state: 'live' }, deadline);
    if (!json) printSessions(sessions, invocation);
    if (options.yes !== true && !(await confirmed(invocation))) {
      terminal.printError('Not stopped.');
      return EXIT.failed;
    }
    const pid = await stop(home, options.yes === true ? deadline : answerDeadline());
    if (json) terminal.print(JSON.stringify({ pid, stopped: true, sessions: sessions.rows }, null, 2));
    else terminal.print(`The node (pid ${pid}) has stopped.`);
    return EXIT.ok;
  },
};

function printSessions({ rows, searched }: SessionsResult, { terminal }: Invocation): void {
  if (searched === 0) {
    terminal.print('No session is in use.');
    return;
  }
  terminal.print(`In use: ${plural(searched, 'session')}\n\n${table(terminal, rows, COLUMNS)}\n`);
}

async function confirmed({ terminal, json }: Invocation): Promise<boolean> {
  if (!terminal.canAsk || json) {
    throw new OperatorError(
      tuple('confirmation_needed', 'stop'),
      'There is no terminal to ask on.',
      'Say that it is meant with: erlmcpctl stop --yes',
      { exitCode: EXIT.usage },
    );
  }
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and the end of the input are a no.
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([reader.question('Stop the node? [y/N] '), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

/** Resolves with the pid when the process is gone. */
async function stop(home: string, deadline: number): Promise<number> {
  const { pid } = await ask(home, 'status', {}, deadline).then(({ node }) => node);
  const deadlineS = await ask(home, 'stop', {}, deadline).then(
    ({ deadline_s }) => deadline_s,
    (error) => {
      // It may stop faster than it answers.
      if (error instanceof ConnectionLost) return 10;
      throw error;
    },
  );
  if (await waitForExit(pid, deadlineS * 1000 + 1000)) return pid;
  throw new OperatorError(
    tuple('still_running', pid),
    `The node's process ${pid} is still there after ${deadlineS} s.`,
    'Look for the reason in its log/erlmcp.log.',
    { exitCode: EXIT.noAnswer },
  );
}
