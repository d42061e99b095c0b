/** Parses the command line, runs the command, and turns whatever goes wrong into one line and an exit code. */
import { Command, CommanderError } from 'commander';
import type { CtlCommand, Invocation } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { EXIT } from './exit-codes.ts';
import { failureLine, toFailure } from './failure.ts';
import { homeFolder } from './home.ts';
import { processTerminal, type Terminal } from './output/terminal.ts';

const FOOTER = `
The node is found by its home folder: --home, or else ERLMCP_HOME, or else the current folder.
Exit codes: 0 done or healthy, 1 failed, unhealthy or rolled back by itself, 2 degraded, 64 wrong usage,
69 node not reachable, 70 neither version serves, 124 no answer in time, 130 interrupted.`;

interface Outcome {
  exitCode: number;
  json: boolean;
}

/** Resolves with the exit code; never rejects. */
export async function run(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  const outcome: Outcome = { exitCode: EXIT.ok, json: false };
  try {
    const program = await buildProgram(argv, terminal, outcome);
    await program.parseAsync(argv, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, outcome.json, terminal);
  }
}

function report(error: unknown, json: boolean, terminal: Terminal): number {
  const failure = toFailure(error);
  if (json) terminal.print(JSON.stringify({ error: failure }, null, 2));
  if (failure.exit_code === EXIT.emergency) terminal.printError('emergency');
  terminal.printError(`erlmcpctl: ${failureLine(failure)}`);
  return failure.exit_code;
}

async function buildProgram(argv: readonly string[], terminal: Terminal, outcome: Outcome): Promise<Command> {
  const program = new Command('erlmcpctl')
    .description('Controls a running erlmcp node.')
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `erlmcpctl: ${text
            .replace(/^error: /, '')
            .trim()
            .split('\n')
            .join(' ')}\n`,
        ),
    })
    .showHelpAfterError('See: erlmcpctl --help')
    .configureHelp({ subcommandTerm: commandTerm })
    .addHelpText('after', FOOTER);
  commonOptions(program);
  for (const entry of COMMANDS) {
    const declared = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary));
    commonOptions(declared);
    declared.showHelpAfterError(`See: erlmcpctl ${entry.name} --help`);
    if (argv.includes(entry.name)) complete(declared, (await entry.load()).command, terminal, outcome);
  }
  return program;
}

/** As `erlmcpctl --help` lists it; only the commands that are called have been declared in full. */
function commandTerm(command: Command): string {
  const usage = COMMANDS.find(({ name }) => name === command.name())?.usage;
  return usage ? `${command.name()} ${usage}` : command.name();
}

function commonOptions(command: Command): void {
  command.option('--home <folder>', "the node's home folder").option('--json', 'print the answer as JSON');
}

function complete(declared: Command, command: CtlCommand, terminal: Terminal, outcome: Outcome): void {
  command.configure?.(declared);
  declared.addHelpText('after', `\n${command.help}`);
  declared.action(async () => {
    const options = declared.optsWithGlobals();
    outcome.json = options.json === true;
    const invocation: Invocation = {
      home: homeFolder(options.home),
      json: outcome.json,
      args: declared.processedArgs,
      options,
      terminal,
    };
    outcome.exitCode = await command.run(invocation);
  });
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;
