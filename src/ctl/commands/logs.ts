import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { OperatorError, tuple } from '../../errors/index.ts';
import { EXIT } from '../exit-codes.ts';
import type { CtlCommand, Invocation } from '../invocation.ts';
import { followLog } from '../logs/follow-log.ts';
import { lastLines } from '../logs/last-lines.ts';
import { lineView } from '../logs/log-lines.ts';
import { LEVELS, type Level } from '../logs/parse-line.ts';

const FILES = ['erlmcp', 'upgrade', 'error', 'console'] as const;
const DEFAULT_LINES = 50;
const MAX_LINES = 1_000_000;

export const command: CtlCommand = {
  help: `Read from the files in <home>/log, so the node may be down. Rotated files are read too where one alone has too few lines.
--follow goes on through rotations and restarts of the node until Ctrl-C (130), or until nobody reads its output any more (0).
--json prints an object per line: time, level, component, message and fields; of the console time, source and message.`,
  configure: (command) => {
    command
      .addOption(new Option('--file <file>', 'which log').choices(FILES).default('erlmcp'))
      .addOption(new Option('--level <level>', 'only lines of this level and above').choices(LEVELS))
      .addOption(
        new Option('--lines <lines>', 'how many of the last lines')
          .argParser(parseLines)
          .default(DEFAULT_LINES),
      )
      .option('--follow', 'go on with what is written from now on');
  },
  run: async (invocation) => {
    const { home, options, terminal, json } = invocation;
    checkUsage(options);
    const path = join(home, 'log', `${options.file}.log`);
    const { keep, show } = lineView(terminal, json, options.level as Level | undefined);
    const print = (lines: readonly string[]): void => {
      if (lines.length > 0) terminal.print(lines.map(show).join('\n'));
    };
    const last = await lastLines(path, options.lines as number, keep).catch((error) =>
      unreadable(path, error),
    );
    if (!last) throw missing(path, invocation);
    print(last.lines);
    if (options.follow !== true) return EXIT.ok;
    await followLog({
      path,
      position: last.position,
      mark: last.mark,
      signal: terminal.closed,
      onLines: (lines) => {
        print(lines.filter(keep));
        return terminal.drained();
      },
    });
    return EXIT.ok;
  },
};

function checkUsage({ file, level }: Invocation['options']): void {
  if (file !== 'console' || level === undefined) return;
  throw new OperatorError(
    tuple('wrong_usage', 'logs'),
    'The lines of the console have no level.',
    'Leave --level out, or choose another --file.',
    { exitCode: EXIT.usage },
  );
}

function parseLines(text: string): number {
  const lines = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (lines <= MAX_LINES) return lines;
  throw new InvalidArgumentError(`It is not a whole number of lines up to ${MAX_LINES}.`);
}

const missing = (path: string, { home }: Invocation): OperatorError =>
  new OperatorError(
    tuple('no_log', path),
    `There is no such file: no node has run in the home ${home}, or its logs were removed.`,
    'Name another home with --home or ERLMCP_HOME.',
  );

function unreadable(path: string, cause: NodeJS.ErrnoException): never {
  throw new OperatorError(
    tuple('log_unreadable', path),
    `The file can't be read: ${cause.message}.`,
    'Call erlmcpctl as the user who runs the node.',
    { cause },
  );
}
