import { resolve } from 'node:path';
import type { CtlCommand } from '../command.ts';
import { duration, plural, printable } from '../output/format.ts';
import { bytes } from '../output/sizes.ts';
import { runTask } from '../task/run.ts';

export const command: CtlCommand = {
  help: `A whole and verified copy of the tables and of the host's store, made while the node serves. Its manifest.json has the
tables with their counts and the SHA-256 sums of the files. In backups/ the newest 5 are kept; one with --to is never removed.
Ctrl-C leaves it running; the same command follows it.`,
  configure: (declared) => {
    declared.option('--to <folder>', 'make this folder for it, instead of one in backups/');
  },
  run: (invocation) => {
    const { to } = invocation.options;
    return runTask(invocation, {
      method: 'backup',
      params: typeof to === 'string' ? { to: resolve(to) } : {},
      render: ({ result, ms }) => {
        if (result?.kind !== 'backup') throw new Error('no backup');
        const rows = result.tables.reduce((sum, table) => sum + table.rows, 0);
        const what = `${plural(result.tables.length, 'table')}, ${plural(rows, 'row')}, ${bytes(result.bytes)}`;
        return `Backup ${printable(result.path)}: ${what}, verified, in ${duration(ms)}`;
      },
    });
  },
};
