/** The tables and the stores that keep them. Nothing here reads rows, but a bounded sample where it is asked for. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlHandlers } from '../../admin/control-handlers.ts';
import type {
  DiscTable,
  MnesiaStatusResult,
  ParamsOf,
  StoreEnvironment,
  TableRow,
} from '../../control/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { noSuchTable } from '../tasks/verify.ts';
import { backupsNow } from './tables-backups.ts';
import { type TablesNow, tablesNow, VERSION_SAMPLE } from './tables-collect.ts';

const PROBE_MS = 1_500;

export function tableViews(node: NodeParts): Pick<ControlHandlers, 'ets_tables' | 'mnesia_status'> {
  return {
    ets_tables: async ({ name }) => named((await tablesNow(node)).rows, name),
    mnesia_status: (params) => mnesiaStatus(node, params),
  };
}

/** @throws `{no_such_table, Name}` */
function named(rows: TableRow[], name: string | undefined): TableRow[] {
  if (name === undefined) return rows;
  const found = rows.filter((row) => row.name === name);
  if (found.length > 0) return found;
  throw noSuchTable(
    name,
    rows.map((row) => row.name),
  );
}

async function mnesiaStatus(
  node: NodeParts,
  { row_versions }: ParamsOf<'mnesia_status'>,
): Promise<MnesiaStatusResult> {
  const backups = await backupsNow(node.paths.backups);
  const directory = node.paths.data;
  const now = await tablesNow(node, row_versions ? VERSION_SAMPLE : 0);
  const environments = await environmentsNow(node, now);
  return {
    running: environments.every(({ writer }) => writer === 'free'),
    directory,
    environments,
    tables: discTables(now),
    backups,
    flush_ms: now.flushMs,
  };
}

async function environmentsNow({ store }: NodeParts, { storages }: TablesNow): Promise<StoreEnvironment[]> {
  const host = { name: 'host' as const, ...(await store.figures(PROBE_MS)) };
  const all = [host, ...storages.map((figures) => ({ name: figures.storage, ...figures }))];
  return await Promise.all(
    all.map(async ({ name, path, usedBytes, readers, lastTransaction, writable }) => ({
      name,
      path,
      size_bytes: await stat(join(path, 'data.mdb')).then(
        ({ size }) => size,
        () => 0,
      ),
      used_bytes: usedBytes,
      readers,
      last_transaction: lastTransaction,
      writer: writable ? ('free' as const) : ('busy' as const),
    })),
  );
}

function discTables({ rows, storages }: TablesNow): DiscTable[] {
  const figures = new Map(storages.flatMap(({ tables }) => tables).map((table) => [table.name, table]));
  return rows
    .filter(({ storage }) => storage === 'disc')
    .map(({ name, version, rows: count, status }) => {
      const sample = figures.get(name)?.versions ?? null;
      return {
        name,
        version,
        rows: count,
        row_versions: sample && { ...sample.rows },
        rows_looked: sample?.looked ?? null,
        consistent: status === 'no_answer' ? null : status === 'ok' || status === 'unused',
      };
    });
}
