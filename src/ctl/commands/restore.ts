import { resolve } from 'node:path';
import { Argument } from 'commander';
import type { CtlCommand } from '../command.ts';
import { duration, plural, printable } from '../output/format.ts';
import { runTask } from '../task/run.ts';

export const command: CtlCommand = {
  help: `The backup is verified first: its sums, and every row. Then its tables take the place of those in use, all at once, while the node
serves; what these held until then is kept as a backup of its own, and can be restored in turn. Without --table: all
tables of applications; states of servers and of sessions stay as they are. Not while an upgrade runs, nor before its watch has
ended. Ctrl-C leaves it running; the same command follows it.`,
  configure: (declared) => {
    declared
      .addArgument(
        new Argument(
          '<backup>',
          'one of erlmcpctl backups, the latest that is no replaced one, or the folder of one',
        ),
      )
      .option(
        '--table <name>',
        'only this table; may be given several times',
        (name: string, names: string[] = []) => [...names, name],
      );
  },
  run: (invocation) => {
    const { args, options } = invocation;
    const tables = options.table as string[] | undefined;
    const backup = args[0]!.includes('/') ? resolve(args[0]!) : args[0]!;
    return runTask(invocation, {
      method: 'restore',
      params: { backup, ...(tables ? { tables } : {}) },
      render: ({ result, ms }) => {
        if (result?.kind !== 'restore') throw new Error('no restore');
        return [
          ...result.tables.map(({ table, rows }) => `${printable(table)}: ${plural(rows, 'row')}`),
          `Restored from ${printable(result.backup)} in ${duration(ms)}.`,
          `What was replaced is in ${printable(result.replaced)}.`,
        ].join('\n');
      },
    });
  },
};
