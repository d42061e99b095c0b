import { Argument } from 'commander';
import { BASH_SCRIPT } from '../completion/bash.ts';
import { EXIT } from '../exit-codes.ts';
import type { CtlCommand } from '../invocation.ts';

export const command: CtlCommand = {
  help: `For this shell, and for good when it stands in ~/.bashrc:
  source <(erlmcpctl completion bash)
It completes commands, options and their values: versions that can be installed, and the names of the running node.`,
  configure: (command) => {
    command.addArgument(new Argument('<shell>', 'which one').choices(['bash']));
  },
  run: async ({ terminal }) => {
    terminal.printPart(BASH_SCRIPT);
    return EXIT.ok;
  },
};
