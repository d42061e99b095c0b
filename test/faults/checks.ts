/** What has to hold after a cell, whatever its fault was. Each check gives what is wrong, in a sentence. */
import type { TaskResult } from '../../src/control/types.ts';
import { type CommandResult, eventually, type TestNode } from '../support/test-node.ts';
import { expected, losesServers, mayFail } from './expected.ts';
import type { FaultLoad } from './load.ts';
import { logProblems } from './log-lines.ts';
import { processesOf } from './machine.ts';
import { type Cell, isInner } from './matrix.ts';
import { isSet } from './plan.ts';
import { AFTER } from './release/versions.ts';
import { settled } from './views.ts';

export interface Aftermath {
  readonly node: TestNode;
  readonly load: FaultLoad;
  readonly upgrade: CommandResult;
}

const SHOWN = 3;
const CALL_MS = 30_000;

export async function afterwards(cell: Cell, aftermath: Aftermath): Promise<string[]> {
  const { node, load } = aftermath;
  const { version } = await settled(node, load.clients);
  return [
    ...(isInner(cell.fault) && !isSet(node.home, 'struck')
      ? ['the code of the release never went wrong']
      : []),
    ...outcome(cell, version, aftermath),
    ...failures(cell, load),
    ...sessions(cell, load),
    ...(await writes(load)),
    ...counter(cell, load),
    ...(await store(cell, aftermath)),
    ...logProblems(cell, node, version),
  ];
}

function outcome(cell: Cell, version: string, { upgrade }: Aftermath): string[] {
  const { ends } = expected(cell);
  const done = upgrade.code === 0;
  const said = `upgrade.sh ended with ${upgrade.code}: ${`${upgrade.stdout}${upgrade.stderr}`.trim().split('\n').slice(-3).join(' / ')}`;
  if (done !== (version === AFTER)) return [`${version} serves, and ${said}`];
  if (!done && upgrade.code !== 1) return [said];
  if ((ends === 'completed' || ends === 'after') && !done) return [said];
  if ((ends === 'failed' || ends === 'before') && done) return [`the upgrade was to fail; ${said}`];
  return [];
}

function failures(cell: Cell, load: FaultLoad): string[] {
  const wrong = load.failures.filter(({ error }) => !mayFail(cell, error));
  if (wrong.length === 0) return [];
  const shown = wrong
    .slice(0, SHOWN)
    .map(({ client, tool, error, ms }) => `${tool} of ${client} after ${Math.round(ms)} ms: ${error}`);
  return [`${wrong.length} calls failed that had no reason to: ${shown.join('; ')}`];
}

function sessions({ fault }: Cell, { clients }: FaultLoad): string[] {
  const lost = clients.flatMap(({ name, seen }) =>
    seen.lost === undefined ? [] : [`${name}: ${seen.lost}`],
  );
  const dropped = fault === 'host_killed' ? [] : clients.filter(({ seen }) => seen.streamsDropped > 0);
  return [
    ...(lost.length > 0 ? [`sessions were lost: ${lost.join('; ')}`] : []),
    ...(dropped.length > 0 ? [`streams were dropped: ${dropped.map(({ name }) => name).join(', ')}`] : []),
  ];
}

async function writes({ ledger, clients }: FaultLoad): Promise<string[]> {
  const found = await ledger.notesFound(clients);
  return found === ledger.notesWritten
    ? []
    : [`${ledger.notesWritten - found} of ${ledger.notesWritten} acknowledged notes are gone`];
}

/** A call without a known outcome may have counted. */
function counter(cell: Cell, { ledger, failures: failed }: FaultLoad): string[] {
  if (losesServers(cell)) return [];
  const { repeated, skipped } = ledger.counterFaults();
  const unknown = failed.filter(({ tool }) => tool === 'counter_increment').length;
  return repeated === 0 && skipped <= unknown
    ? []
    : [`the counter repeated ${repeated} and skipped ${skipped}`];
}

/** Every row can be read, but for the one that was damaged on purpose, and the index agrees with the rows. */
async function store({ fault }: Cell, { node, load }: Aftermath): Promise<string[]> {
  const { stdout, stderr } = await node.ctl('ets_tables', '--verify', '--json');
  const result = (JSON.parse(stdout || 'null') as { result: TaskResult } | null)?.result;
  if (result?.kind !== 'verify') return [`ets_tables --verify said nothing: ${stdout}${stderr}`];
  const damaged = result.tables
    .filter(({ damaged }) => damaged > 0)
    .map(({ table, damaged }) => `${table}: ${damaged}`);
  const wanted = fault === 'corrupt_row' ? 'notes: 1' : '';
  const problems = damaged.join(', ') === wanted ? [] : [`damaged rows: ${damaged.join(', ') || 'none'}`];
  return [...problems, ...(await index(fault, load))];
}

async function index(fault: Cell['fault'], { clients, ledger }: FaultLoad): Promise<string[]> {
  const found = await clients[0]!.call('index_check', { ids: ledger.ids }, CALL_MS);
  const { missing, rows, entries } = found as {
    missing: string[];
    rows: number | null;
    entries: number | null;
  };
  // Which has a row that nobody can read.
  const agree = fault === 'corrupt_row' || (rows !== null && rows === entries);
  if (missing.length === 0 && agree) return [];
  return [
    `the index has ${entries} entries for ${rows} rows, and lacks ${missing.length} of ${ledger.ids.length} notes`,
  ];
}

/** After `stop`. */
export async function leftBehind(home: string, stopped: CommandResult): Promise<string[]> {
  const problems = stopped.code === 0 ? [] : [`stop ended with ${stopped.code}: ${stopped.stderr}`];
  // Commands that were started before the end of the node may take a moment to notice it.
  const none = (): boolean => processesOf(home).length === 0;
  await eventually('the end of all processes', none, 5_000).catch(() => undefined);
  const left = processesOf(home);
  if (left.length > 0)
    problems.push(`processes are left: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
  return problems;
}
