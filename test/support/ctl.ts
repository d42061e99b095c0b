/** Runs a command of erlmcpctl in this process: what it prints is the same, and looking again and again costs little. */
import { COMMANDS } from '../../src/ctl/commands/index.ts';
import { processTerminal, type Terminal } from '../../src/ctl/output/terminal.ts';

/** What the command prints for people. Throws where it fails, or ends with another exit code than 0. */
export async function ctlText(
  { home }: { home: string },
  name: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw new Error(`there is no command ${name}`);
  const { command } = await entry.load();
  const printed: string[] = [];
  const terminal: Terminal = {
    ...PLAIN,
    print: (text) => printed.push(`${text}\n`),
    style: (_style, text) => text,
  };
  const code = await command.run({ commandLine: name, home, json: false, args: [], options, terminal });
  if (code !== 0) throw new Error(`erlmcpctl ${name} ended with ${code}: ${printed.join('')}`);
  return printed.join('');
}

const PLAIN = processTerminal();
