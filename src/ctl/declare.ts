/** What every command has, whatever else it declares. */
import type { Command } from 'commander';
import type { CtlCommand } from './invocation.ts';

export function declareCommonOptions(command: Command): void {
  command.option('--home <folder>', "the node's home folder").option('--json', 'print the answer as JSON');
}

export function declareInFull(declared: Command, { configure, help }: CtlCommand): void {
  configure?.(declared);
  declared.addHelpText('after', `\n${help}`);
}
