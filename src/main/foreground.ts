/** `erlmcp foreground`: boots the node in this process, and stops it on the first signal; a second one ends it at once. */
import { parseArgs } from 'node:util';
import { OperatorError } from '../errors/index.ts';
import { homeOf } from './home.ts';
import { bootNode } from './node.ts';

/** What a daemon tells the `start` that waits for it. */
export interface StartReport {
  ok: boolean;
  message: string;
  exitCode: number;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export async function foreground(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { release: { type: 'string' } } });
  const home = homeOf(process.env);
  let stopping: Promise<void> | undefined;
  const { promise: over, resolve: end } = Promise.withResolvers<number>();
  try {
    const node = await bootNode({
      home,
      release: values.release,
      env: process.env,
      // A daemon's output goes to console.log, which is for raw output.
      ...(process.send ? {} : { echo: (line: string) => void process.stdout.write(line) }),
      onStopped: end,
    });
    for (const signal of SIGNALS)
      process.on(signal, () => {
        if (stopping) process.exit(1);
        stopping = node.stop(signal);
      });
    report({ ok: true, message: node.greeting, exitCode: 0 });
  } catch (error) {
    report({
      ok: false,
      message: error instanceof Error ? error.message : String(error),
      exitCode: error instanceof OperatorError ? error.exitCode : 1,
    });
    throw error;
  }
  return await over;
}

/** To the `start` that launched this process; else to the terminal. */
function report(message: StartReport): void {
  if (process.send) process.send(message, () => process.disconnect?.());
  else if (message.ok) process.stdout.write(`${message.message}\n`);
}
