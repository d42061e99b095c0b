import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, Option } from 'commander';
import type { ResultOf } from '../../control/methods.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ask, type CtlCommand, printResult } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../output/format.ts';

type Drained = ResultOf<'drain'>;

const DEFAULT_S = 10;
const MAX_S = 60;
const POLL_MS = 200;

export const command: CtlCommand = {
  help: `New calls wait, and those in flight finish. It returns when none is in flight; what waits goes on when the time is over, at the switch of an
upgrade, or by --end. No call fails by it. Exit code: 0 drained; 1 calls were in flight still when the time was over.
erlmcpctl upgrade --drain does it by itself, right before the switch.`,
  configure: (command) => {
    command
      .addOption(
        new Option('--timeout <seconds>', 'how long new calls are held at the most')
          .default(DEFAULT_S)
          .argParser(seconds),
      )
      .option('--end', 'let what is held go on now');
  },
  run: async (invocation) => {
    const { home, options } = invocation;
    let result = await ask(
      home,
      'drain',
      options.end ? { end: true } : { timeout_s: Number(options.timeout) },
    );
    let { in_flight } = result;
    while (result.state === 'draining') {
      await pause(POLL_MS);
      in_flight = result.in_flight;
      result = await ask(home, 'drain', {});
    }
    if (result.state === 'ended' && options.end !== true) throw inTime(in_flight);
    printResult(invocation, 'drain', result, sentence);
    return EXIT.ok;
  },
};

const sentence = ({ state, held, remaining_s }: Drained): string =>
  state === 'ended'
    ? 'New calls are not held any more.'
    : `Drained: no call is in flight; ${plural(held, 'call')} held, for ${remaining_s} s more.`;

const inTime = (inFlight: number): OperatorError =>
  new OperatorError(
    tuple('not_drained', inFlight),
    `${plural(inFlight, 'call')} did not finish in time; what was held goes on.`,
    'See which with: erlmcpctl status; or give it longer with --timeout.',
    { exitCode: EXIT.failed },
  );

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_S) return value;
  throw new InvalidArgumentError(`It is not a whole number of seconds from 1 to ${MAX_S}.`);
}
