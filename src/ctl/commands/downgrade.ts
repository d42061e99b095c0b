import { Argument, type Command } from 'commander';
import type { CtlCommand } from '../command.ts';
import {
  asked,
  forceOption,
  lingerOption,
  parseVersion,
  timeoutOption,
  whyOption,
} from '../upgrade/options.ts';

const HELP = `Rows that the newer version wrote are kept; the older one sees them through its lenses.
Exit code: 0 the older version serves; 1 refused or failed; 70 neither version serves; 124 the outcome is not known.`;

export const command: CtlCommand = {
  help: HELP,
  configure: (command: Command) => {
    command
      .addArgument(new Argument('<version>', 'the version to go back to').argParser(parseVersion))
      .addOption(forceOption('abort an upgrade that runs or hangs, and accept what the rollback would lose'))
      .addOption(timeoutOption())
      .addOption(lingerOption())
      .addOption(whyOption());
  },
  run: async (invocation) => {
    const { options, args } = invocation;
    const { runDowngrade } = await import('../upgrade/operate.ts');
    return runDowngrade(invocation, {
      version: args[0]!,
      ...asked(options),
      force: options.force === true,
      ...(typeof options.timeout === 'number' ? { timeout_s: options.timeout } : {}),
      ...(typeof options.linger === 'number' ? { linger_s: options.linger } : {}),
    });
  },
};
