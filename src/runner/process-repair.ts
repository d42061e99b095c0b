/**
 * Starts processes anew and resumes suspended ones, at an operator's word. A process is ended and started by its supervisor,
 * along with those that its crash would have taken along; its state is that of `init`, or the one that is saved.
 */
import { ExitError, type ProcessTable, type TreeRow } from '../otp/index.ts';
import type { ResumedProcesses } from '../wire/index.ts';

export interface ForcedResume {
  /** How long `resumed` hooks may still take. */
  graceMs: number;
  /** Start servers anew whose hook takes longer. */
  restartHung: boolean;
}

/** How long a process may take to end in order, and one that was killed to be there again. */
const END_MS = 1_500;
const AGAIN_MS = 1_000;
const POLL_MS = 10;

type Row = TreeRow & { name: string };

/** @param force a process that takes too long to end is killed; without it it may take as long as it does */
export async function restartProcess(table: ProcessTable, address: string, force: boolean): Promise<string> {
  const rows = table.tree();
  const child = rows.find(({ pid, name }) => pid === address || name === address);
  const parent = rows.find((row) => row.kind === 'supervisor' && row.name === child?.parent);
  if (!child || child.parent === undefined || parent?.name === undefined) throw notSupervised(table, address);
  if (child.restart === 'temporary')
    throw refusal('temporary', address, 'its supervisor starts it once and never again.');
  if (parent.strategy === 'simple_one_for_one') return await killed(table, child);
  const supervisor = parent as Row;
  const concerned = concernedBy(child, supervisor, rows);
  for (const one of concerned.toReversed()) await end(table, supervisor, one, force ? END_MS : undefined);
  for (const one of concerned) if (one.restart !== 'temporary') await startAgain(table, supervisor, one);
  return pidOf(table, child) ?? address;
}

/** Its siblings too, where its supervisor's strategy has it so. */
function concernedBy(child: TreeRow, parent: Row, rows: readonly TreeRow[]): TreeRow[] {
  const siblings = rows.filter((row) => row.parent === parent.name && row.depth === parent.depth + 1);
  if (parent.strategy === 'one_for_all') return siblings;
  if (parent.strategy === 'rest_for_one') return siblings.slice(siblings.indexOf(child));
  return [child];
}

/** By force after `killMs`, if given. */
async function end(
  table: ProcessTable,
  parent: Row,
  { id, pid }: TreeRow,
  killMs: number | undefined,
): Promise<void> {
  const timer =
    killMs === undefined || pid === undefined ? undefined : setTimeout(() => kill(table, pid), killMs);
  try {
    await table.askSupervisor(parent.name, ['terminate_child', id]);
  } finally {
    clearTimeout(timer);
  }
}

const startAgain = (table: ProcessTable, parent: Row, { id }: TreeRow): Promise<unknown> =>
  table.askSupervisor(parent.name, ['restart_child', id]);

const kill = (table: ProcessTable, pid: string): void => table.signals.exit(pid, 'kill', 'outside');

/** The process that its supervisor has started in the place of one that was killed. */
async function killed(table: ProcessTable, child: TreeRow): Promise<string> {
  const before = new Set(table.tree().map(({ pid }) => pid));
  if (child.pid !== undefined) kill(table, child.pid);
  let again: string | undefined;
  await until(AGAIN_MS, () => {
    again = table
      .tree()
      .find(({ parent, id, pid }) => parent === child.parent && id === child.id && !before.has(pid))?.pid;
    return again !== undefined;
  });
  if (again !== undefined) return again;
  throw refusal('not_restarted', child.id, 'it has ended, and its supervisor has not started it again.');
}

const pidOf = (table: ProcessTable, { parent, id }: TreeRow): string | undefined =>
  table.tree().find((row) => row.parent === parent && row.id === id)?.pid;

function notSupervised(table: ProcessTable, address: string): ExitError {
  const info = table.list().find(({ pid, name }) => pid === address || name === address);
  if (info === undefined) return refusal('noproc', address, 'no process of that name runs.');
  return info.kind === 'supervisor'
    ? refusal('top_supervisor', info.name, 'nothing starts it again; restart its application.')
    : refusal('not_supervised', info.name, 'it has no supervisor that would start it again.');
}

const refusal = (tag: string, name: string, sentence: string): ExitError =>
  new ExitError(`{${tag}, ${name}}`, sentence);

/** Resumes what the table, or somebody by `sys.suspend`, has suspended. Resolves in `graceMs`, and two seconds more if need be. */
export async function resumeAll(
  table: ProcessTable,
  { graceMs, restartHung }: ForcedResume,
): Promise<ResumedProcesses> {
  const suspended = namesOf(table, ({ status }) => status === 'suspended');
  if (table.stage === 'suspended') void table.resume().catch(() => undefined);
  await resumeSingle(table);
  await until(graceMs, () => hangingIn(table).length === 0);
  const hung = hangingIn(table);
  const restarted = restartHung ? await restartAll(table, hung) : [];
  const busy = hangingIn(table);
  const resumed = suspended.filter((name) => !hung.includes(name) && !busy.includes(name));
  return { resumed, restarted, busy };
}

async function resumeSingle(table: ProcessTable): Promise<void> {
  const left = table.list().filter(({ kind, status }) => kind === 'server' && status === 'suspended');
  await Promise.all(left.map(({ pid }) => table.system(pid, ['resume'], AGAIN_MS).catch(() => undefined)));
}

/** Servers that are in a hook of a suspension. */
export const hangingIn = (table: ProcessTable): string[] =>
  namesOf(
    table,
    ({ status, current }) => status === 'running' && (current === 'suspended' || current === 'resumed'),
  );

type Info = ReturnType<ProcessTable['list']>[number];

const namesOf = (table: ProcessTable, chosen: (info: Info) => boolean): string[] =>
  table
    .list()
    .filter((info) => info.kind === 'server' && chosen(info))
    .map(({ name }) => name);

/**
 * By kills: supervisors take no requests until the resume is over. Each counts as a crash; where a supervisor gives up over
 * them its application ends, and the verification takes the upgrade back.
 */
async function restartAll(table: ProcessTable, names: readonly string[]): Promise<string[]> {
  const rows = table.tree();
  const restarted: string[] = [];
  for (const name of names) {
    const child = rows.find((row) => row.name === name || row.pid === name);
    if (child?.restart === undefined || child.restart === 'temporary') continue;
    const again = await killed(table, child).catch(() => undefined);
    if (again !== undefined) restarted.push(name);
  }
  return restarted;
}

async function until(limitMs: number, condition: () => boolean): Promise<void> {
  const giveUp = performance.now() + limitMs;
  while (!condition() && performance.now() < giveUp)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
