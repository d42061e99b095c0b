/** Entry of `bin/erl`: the runbook's line `erl -name … -setcookie … -remsh …` opens the remote console of the node. */

import { readErlOptions } from './console/erl-options.ts';
import { ownUser } from './console/node-console.ts';
import { runConsole } from './console/run-console.ts';
import { failureLine, toFailure } from './failure.ts';
import { homeFolder } from './home.ts';
import { processTerminal } from './output/terminal.ts';

const terminal = processTerminal();
try {
  const { name, remsh, cookie } = readErlOptions(process.argv.slice(2));
  const target = { remsh, ...(cookie === undefined ? {} : { cookie }) };
  const options = { home: homeFolder(undefined), user: name ?? ownUser(), target, program: 'erl' };
  process.exitCode = await runConsole(options, terminal);
} catch (error) {
  const failure = toFailure(error);
  terminal.printError(`erl: ${failureLine(failure)}`);
  process.exitCode = failure.exit_code;
}
