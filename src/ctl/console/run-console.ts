/** Opens a console of a node: on a terminal with prompt, history and completion, off one line by line. */
import type { ParamsOf } from '../../control/methods.ts';
import type { Terminal } from '../output/terminal.ts';
import { NodeConsole } from './node-console.ts';

export interface ConsoleOptions {
  home: string;
  /** Name under which its uses are logged. */
  user: string;
  /** What the node has to be, where the caller says so. */
  target?: Pick<ParamsOf<'console_open'>, 'remsh' | 'cookie'>;
  /** At the head of failures. */
  program: string;
}

export async function runConsole(options: ConsoleOptions, terminal: Terminal): Promise<number> {
  const console = new NodeConsole(options.home, options.user);
  const { name, release } = await console.open(options.target);
  if (!terminal.canAsk) {
    const { runPiped } = await import('./piped.ts');
    return runPiped(console, terminal, options.program);
  }
  terminal.print(`Console of ${name}, release ${release}. help(). lists the functions, q(). leaves.`);
  const { runInteractive } = await import('./interactive.ts');
  return runInteractive(console, terminal, name);
}
