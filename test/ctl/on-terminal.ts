import { ERLMCPCTL, type Finished, runProgram } from './support.ts';

export interface TerminalOptions {
  rows?: number;
  env?: NodeJS.ProcessEnv;
  /** Typed each time that the pattern has appeared. */
  type?: readonly (readonly [RegExp, string])[];
}

/** Runs erlmcpctl on a pseudo-terminal, which `script` makes. */
export function onTerminal(
  home: string,
  args: string,
  { rows = 40, env = {}, type = [] }: TerminalOptions = {},
): Promise<Finished> {
  // exec: a shell that stayed would end by the same Ctrl-C, and its exit code would stand for the command's.
  const command = `stty cols 90 rows ${rows}; exec '${ERLMCPCTL}' ${args}`;
  const scriptArgs =
    process.platform === 'linux' ? ['-qec', command, '/dev/null'] : ['-q', '/dev/null', 'sh', '-c', command];
  const waiting = [...type];
  let seen = '';
  return runProgram('script', scriptArgs, {
    env: { ERLMCP_HOME: home, TERM: 'xterm-256color', CI: undefined, ...env },
    stdin: 'pipe',
    onStart: ({ stdin, stdout }) =>
      stdout!.on('data', (text: string) => {
        seen += text;
        if (!waiting[0]?.[0].test(seen)) return;
        stdin!.write(waiting.shift()![1]);
        seen = '';
      }),
  });
}
