/**
 * `restore`: tables of a backup take the place of those in use, while the node serves. The backup is verified, its rows are copied
 * beside the tables, every process makes itself ready, and one transaction changes over. What the tables held until then is
 * put into a backup of its own before it is dropped.
 */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OperatorError, tuple } from '../../errors/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { CopiedTable } from '../../wire/index.ts';
import { listBackups, makeBackup } from '../backup.ts';
import type { NodeParts } from '../node-parts.ts';
import { askable } from '../views/processes-ask.ts';
import { nearest } from '../views/processes-nearest.ts';
import { refuseWhileUpgrading } from './refusals.ts';
import { checkRoom } from './room.ts';
import { settleIfDue } from './settle.ts';
import type { TaskSpec } from './tasks.ts';
import { noSuchTable } from './verify.ts';
import { WORK_MS, withWorker } from './worker.ts';

/** For a process to open the rows that are about to take a table's place. */
const PREPARE_MS = 10_000;
/** Label of the backup of what a restore replaced. */
const REPLACED = 'replaced';
/** The copy beside the tables, and the backup of what they held. */
const COPIES = 2;

/** @throws `{no_such_backup, Name}`, `{not_restorable, Table}`, `{upgrade_in_progress, Vsn}`, `{watch_running, Vsn}` */
export async function restoreTask(
  node: NodeParts,
  backup: string,
  tables: readonly string[] | undefined,
): Promise<TaskSpec> {
  for (const name of tables ?? []) refuseOwn(name);
  const path = await find(node, backup);
  return {
    kind: 'restore',
    subject: `${basename(path)}: ${tables?.join(', ') ?? 'all tables'}`,
    work: async (control) => {
      refuseWhileUpgrading(node, 'a restore');
      await node.tasks.stop('a restore is under way', 'settle');
      await checkRoom(node, node.paths.home, 'restore', COPIES);
      try {
        return await withWorker(node, 'tend', control, async (worker, commit) => {
          const { rows } = await worker.call('verifyBackup', verified(path, tables), WORK_MS);
          const wanted = choose(Object.keys(rows), tables);
          const params = { dir: join(path, 'disc'), tables: wanted };
          const { copied } = await worker.call('copyFromBackup', params, WORK_MS);
          control.signal.throwIfAborted();
          commit();
          const replaced = await changeOver(node, worker, copied, path);
          const shown = copied.map(({ table, rows: count }) => ({ table, rows: count }));
          node.log.warn(`Tables were restored from backup ${basename(path)}`, { tables: wanted, replaced });
          return { kind: 'restore', backup: path, tables: shown, replaced };
        });
      } finally {
        settleIfDue(node);
      }
    },
  };
}

const verified = (path: string, tables: readonly string[] | undefined) => ({
  dir: join(path, 'disc'),
  ...(tables ? { tables: [...tables] } : {}),
});

async function changeOver(
  node: NodeParts,
  worker: RunnerProcess,
  copied: readonly CopiedTable[],
  path: string,
): Promise<string> {
  const existed = new Set(node.tables.tables().map(({ name }) => name));
  await prepareAll(
    node,
    copied.map(({ place }) => place),
  );
  const { replaced } = await worker.call('changeOver', {}, PREPARE_MS).catch((cause: Error) => {
    throw notKnown(path, cause);
  });
  const places = Object.fromEntries(Object.entries(replaced).filter(([table]) => existed.has(table)));
  // Nobody reads or writes what was replaced once all have gone over.
  await prepareAll(node, []);
  // Sessions have ended since the backup.
  if (copied.some(({ table }) => isOfSessions(table))) void node.sessionRows.sweep();
  const { backups } = node.paths;
  const kept = await makeBackup(backups, REPLACED, node.store, node.tables, {
    places,
    spare: [path],
  }).catch((cause: Error) => {
    throw notKept(places, cause);
  });
  await worker.call('dropPlaces', { places: Object.values(replaced) }, WORK_MS);
  return kept;
}

const notKnown = (path: string, cause: Error): OperatorError =>
  new OperatorError(
    tuple('outcome_unknown', 'restore'),
    `Whether the tables of ${basename(path)} took their place is not known: ${cause.message}.`,
    'All of them did, or none; look at one of their rows, and restore again if need be.',
    { cause, exitCode: 124 },
  );

const notKept = (places: Readonly<Record<string, string>>, cause: Error): OperatorError =>
  new OperatorError(
    tuple('replaced_not_kept', Object.values(places)),
    `The tables are restored, but what they held until then could not be copied into a backup: ${cause.message}.`,
    'It is still in data/disc under these names; stop the node and copy data/ before you restore again.',
    { cause },
  );

/** The host, and every runner that uses the tables. One that does not answer is ended: it must not write to what was replaced. */
async function prepareAll(node: NodeParts, places: string[]): Promise<void> {
  await node.tables.maintenance.prepare(places);
  node.tables.refresh();
  await Promise.all(
    askable(node.fleet).map((runner) =>
      runner
        .call('preparePlaces', { places }, PREPARE_MS)
        .catch((error: Error) => runner.kill(`it could not go over to restored tables: ${error.message}`)),
    ),
  );
}

/** States of servers, and the node's own records: a running process would write over them. */
function refuseOwn(table: string): void {
  if (!isOwn(table)) return;
  throw new OperatorError(
    tuple('not_restorable', table),
    `${table} belongs to the runtime, whose running processes would write over it.`,
    'Stop the node and put the backup in the place of data/ (docs/RUNBOOK.md, scenario 5).',
  );
}

const isOwn = (table: string): boolean => table.startsWith('erlmcp_');
/** Of sessions, which have gone on since. */
const isOfSessions = (table: string): boolean => table.startsWith('session.');

function choose(stored: readonly string[], wanted: readonly string[] | undefined): string[] {
  for (const name of wanted ?? []) if (!stored.includes(name)) throw noSuchTable(name, stored);
  return [...(wanted ?? stored.filter((name) => !isOwn(name) && !isOfSessions(name)))];
}

/** `latest` given twice must not bring back what the first one replaced. */
const isReplaced = (path: string): boolean => path.endsWith(`-${REPLACED}`);

async function find({ paths }: NodeParts, backup: string): Promise<string> {
  const known = listBackups(paths.backups);
  const named =
    backup === 'latest'
      ? known.find((path) => !isReplaced(path))
      : known.find((path) => basename(path) === backup);
  const path = named ?? (backup.startsWith('/') ? backup : undefined);
  if (path !== undefined && (await stat(join(path, 'disc', 'data.mdb')).catch(() => undefined))) return path;
  const near = nearest(
    backup,
    known.map((one) => basename(one)),
  );
  throw new OperatorError(
    tuple('no_such_backup', backup),
    `There is no such backup${near.length > 0 ? `; nearest: ${near.join(', ')}` : ''}.`,
    'See all of them with: erlmcpctl backups',
  );
}
