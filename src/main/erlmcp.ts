/** The `erlmcp` command. Each command's code is loaded when it is asked for: a stdio bridge has to start fast. */
import { OperatorError } from '../errors/operator-error.ts';

const USAGE = `Usage: erlmcp <command>

  start [--release VSN]        start the node of this home in the background
  foreground [--release VSN]   the same in this terminal
  stop                         stop the node of this home
  stdio                        what an MCP client launches: joins the running node
  release build <source> [--out DIR] [--sign KEY]
                               build a release package from its source folder, and sign it with a private key

The home is the folder in ERLMCP_HOME, or else the current one.
Operate a running node with erlmcpctl.
`;

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  start: async (args) => (await import('./start.ts')).start(args),
  foreground: async (args) => (await import('./foreground.ts')).foreground(args),
  stop: async (args) => (await import('./stop.ts')).stop(args),
  stdio: async (args) => (await import('./stdio.ts')).stdio(args),
  release: async (args) => (await import('./release.ts')).release(args),
};

async function main([name = '', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === 'help' || (args[0] === '--help' && name in COMMANDS)) {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = COMMANDS[name];
  if (!command) {
    process.stderr.write(name === '' ? USAGE : `erlmcp: there is no command "${name}".\n\n${USAGE}`);
    return 64;
  }
  return await command(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    process.stderr.write(`erlmcp: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = usage ? 64 : error instanceof OperatorError ? error.exitCode : 1;
  },
);
