/** Parses the command line, runs the command, and turns whatever goes wrong into one line and an exit code. */
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/index.ts';
import { declareCommonOptions, declareInFull } from './declare.ts';
import { EXIT } from './exit-codes.ts';
import { failureLine, toFailure } from './failure.ts';
import { homeFolder } from './home.ts';
import type { CtlCommand, Invocation } from './invocation.ts';
import { processTerminal, type Terminal } from './output/terminal.ts';

const FOOTER = `
The node is found by its home folder: --home, or else ERLMCP_HOME, or else the current folder.
Exit codes: 0 done or healthy, 1 failed, unhealthy or rolled back by itself, 2 degraded, 64 wrong usage,
69 node not reachable, 70 neither version serves, 124 no answer in time, 130 interrupted.
A command with --watch goes on until Ctrl-C, and then has the exit code of its last answer.`;

/** Asked by the completion script of a shell; no command for people. */
const COMPLETE = '__complete';

interface Outcome {
  exitCode: number;
  json: boolean;
}

/** Resolves with the exit code; never rejects. */
export async function run(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  if (argv[0] === COMPLETE) return offerCompletions(argv.slice(1), terminal);
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

async function offerCompletions(words: readonly string[], terminal: Terminal): Promise<number> {
  const { complete } = await import('./completion/complete.ts');
  const candidates = await complete(words);
  if (candidates.length > 0) terminal.print(candidates.join('\n'));
  return EXIT.ok;
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
    .configureOutput(oneLine('erlmcpctl'))
    .configureHelp({ subcommandTerm: commandTerm })
    .addHelpText('after', FOOTER);
  declareCommonOptions(program);
  for (const entry of COMMANDS) {
    const declared = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary));
    declareCommonOptions(declared);
    declared.configureOutput(oneLine(`erlmcpctl ${entry.name}`));
    if (argv.includes(entry.name)) attach(declared, (await entry.load()).command, terminal, outcome);
  }
  return program;
}

/** What commander finds wrong, with the next step behind it. */
const oneLine = (program: string) => ({
  outputError: (text: string, write: (text: string) => void): void => {
    const sentence = text
      .replace(/^error: /, '')
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ');
    write(`erlmcpctl: ${sentence}${/[.?)]$/.test(sentence) ? '' : '.'} See: ${program} --help\n`);
  },
});

/** As `erlmcpctl --help` lists it; only the commands that are called have been declared in full. */
function commandTerm(command: Command): string {
  const usage = COMMANDS.find(({ name }) => name === command.name())?.usage;
  return usage ? `${command.name()} ${usage}` : command.name();
}

function attach(declared: Command, command: CtlCommand, terminal: Terminal, outcome: Outcome): void {
  declareInFull(declared, command);
  declared.action(async () => {
    const options = declared.optsWithGlobals();
    outcome.json = options.json === true;
    const invocation: Invocation = {
      commandLine: commandLine(declared),
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

const NOT_REPEATED = new Set(['home', 'json', 'watch']);

/** The command and what was said to it, as it is shown at the head of a watch. */
function commandLine(command: Command): string {
  const options = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .filter((option) => !NOT_REPEATED.has(option.attributeName()))
    .map((option) => {
      const value: unknown = command.getOptionValue(option.attributeName());
      return value === true ? option.long : `${option.long} ${value}`;
    });
  return [command.name(), ...command.args, ...options].join(' ');
}
