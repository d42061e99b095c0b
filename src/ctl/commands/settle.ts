import type { CtlCommand } from '../command.ts';
import { duration, plural, printable } from '../output/format.ts';
import { runTask } from '../task/run.ts';

export const command: CtlCommand = {
  help: `Rewrites the rows of older versions as the running one, in small transactions that leave four fifths of the time to others. The node
does it by itself when the watch of an upgrade has ended well; erlmcpctl ets_tables shows how far it is. It may be ended at
any time, and goes on where rows are left. Not while an upgrade runs, nor before its watch has ended.`,
  run: (invocation) =>
    runTask(invocation, {
      method: 'settle',
      params: {},
      render: ({ result, ms }) => {
        if (result?.kind !== 'settle') throw new Error('no settling');
        const touched = result.tables.filter(({ settled, left }) => settled + left > 0);
        const lines = touched.map(
          ({ table, looked, settled, left }) =>
            `${printable(table)}: ${settled} of ${plural(looked, 'row')} rewritten${left > 0 ? `, ${left} left as they are` : ''}`,
        );
        const none = touched.length === 0 ? ['All rows are of the running version.'] : [];
        return [...lines, ...none, `Settled in ${duration(ms)}.`].join('\n');
      },
    }),
};
