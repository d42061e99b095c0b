import { Argument, Option } from 'commander';
import type { ParamsOf } from '../../control/methods.ts';
import type { RestartResult } from '../../control/types.ts';
import { action } from '../command.ts';
import { optional, plural } from '../output/format.ts';

const HELP = `A transport is opened again: connections are closed and clients connect again; sessions are kept, and no call runs twice.
A process (by name or pid) ends and is started by its supervisor as after a crash: from init, or from its saved state.
An application ends with all its processes and starts anew, also one that had ended before.
While an upgrade runs only transports are restarted.`;

export const command = action('restart', {
  help: HELP,
  configure: (command) => {
    command
      .addArgument(new Argument('<name>', 'a transport, a process by name or pid, or an application'))
      .addOption(
        new Option('--kind <kind>', 'where a name is that of several').choices([
          'transport',
          'process',
          'application',
        ]),
      );
  },
  params: ({ args, options }) =>
    ({ name: args[0], ...(options.kind ? { kind: options.kind } : {}) }) as ParamsOf<'restart'>,
  render,
});

function render({ name, kind, where, pid, address, sessions_kept }: RestartResult): string {
  if (kind === 'transport')
    return `${name} is open at ${optional(address)}, ${plural(sessions_kept ?? 0, 'session')} kept`;
  return kind === 'process'
    ? `${name} runs anew as ${optional(pid)} in ${where}`
    : `application ${name} is started in ${where}, its supervisor is ${optional(pid)}`;
}
