/** `ets_tables --verify`: every row of the tables is read, in a process that damaged pages may end. */
import { OperatorError, tuple } from '../../errors/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { nearest } from '../views/processes-nearest.ts';
import type { TaskSpec } from './tasks.ts';
import { WORK_MS, withWorker } from './worker.ts';

/** @throws `{no_such_table, Name}` */
export function verifyTask(node: NodeParts, tables: readonly string[] | undefined): TaskSpec {
  const stored = node.tables.tables().map(({ name }) => name);
  for (const name of tables ?? []) if (!stored.includes(name)) throw noSuchTable(name, stored);
  return {
    kind: 'verify',
    subject: tables?.join(', ') ?? 'all tables',
    work: (control) =>
      withWorker(node, 'check', control, async (worker) => {
        const { reports } = await worker.call('verifyRows', tables ? { tables: [...tables] } : {}, WORK_MS);
        for (const { table, damaged, keys } of reports)
          if (damaged > 0)
            node.log.error(`Table ${table} has ${damaged} damaged rows`, { first: keys.slice(0, 10) });
        return { kind: 'verify', tables: reports };
      }),
  };
}

export function noSuchTable(name: string, names: readonly string[]): OperatorError {
  const near = nearest(name, [...names]);
  return new OperatorError(
    tuple('no_such_table', name),
    `This node has no table of that name${near.length > 0 ? `; nearest: ${near.join(', ')}` : ''}.`,
    'See all of them with: erlmcpctl ets_tables',
  );
}
