/**
 * How long a switch takes, and the way back, of real nodes that differ in the rows that they keep: the phases in which calls wait,
 * from `suspend_supervisors` to `resume_supervisors`. All nodes are up at once and are upgraded and downgraded in turn.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type NodeUnderTest, PROJECT, startNode } from '../node-under-test.ts';
import { seedNotes } from '../seed-notes.ts';

const run = promisify(execFile);

const OLDER = '2.1.0';
const NEWER = '3.0.0';
/** A million rows are checked before the switch; that takes its time. */
const WITHIN_MS = 300_000;
const WAITING = ['suspend_supervisors', 'transform_state', 'migrate_data', 'resume_supervisors'];

/** Milliseconds, a number per round. */
export interface SwitchTimings {
  readonly rows: number;
  readonly switch: number[];
  readonly rollback: number[];
  /** Of the whole upgrade, check of every row and backup included. */
  readonly upgrade: number[];
  /** Every upgrade and downgrade that counts, in turn, by its phases. */
  readonly operations: Operation[];
}

/** As `erlmcpctl upgrades --json` has it. */
export interface Operation {
  kind: string;
  outcome: string;
  ms: number;
  phases: { phase: string; ms: number }[];
}

interface Seeded {
  readonly node: NodeUnderTest;
  readonly timings: SwitchTimings;
}

async function ctl<T>({ env }: NodeUnderTest, ...args: string[]): Promise<T> {
  const { stdout } = await run(join(PROJECT, 'bin/erlmcpctl'), [...args, '--json'], { env });
  return JSON.parse(stdout) as T;
}

async function assertRows(node: NodeUnderTest, rows: number): Promise<void> {
  const tables = await ctl<{ name: string; rows: number }[]>(node, 'ets_tables');
  const found = tables.find(({ name }) => name === 'notes')?.rows;
  if (found !== rows) throw new Error(`the node keeps ${found} notes instead of ${rows}`);
}

/** Runs a script, which follows the operation to its end, and takes the operation from the node's history. */
export async function operate(
  node: NodeUnderTest,
  script: string,
  version: string,
  ...options: string[]
): Promise<Operation> {
  await run(join(PROJECT, 'scripts', script), [version, ...options], { env: node.env, timeout: WITHIN_MS });
  const [latest] = await ctl<Operation[]>(node, 'upgrades');
  const kind = script.replace('.sh', '');
  if (latest?.kind !== kind || latest.outcome !== 'completed')
    throw new Error(`the ${kind} to ${version} was not completed: ${JSON.stringify(latest)}`);
  return latest;
}

export function waitingMs({ phases }: Operation): number {
  const waiting = phases.filter(({ phase }) => WAITING.includes(phase));
  if (waiting.length !== WAITING.length)
    throw new Error(`not all phases were run: ${JSON.stringify(phases)}`);
  return waiting.reduce((sum, { ms }) => sum + ms, 0);
}

async function thereAndBack({ node, timings }: Seeded, counts: boolean): Promise<void> {
  const up = await operate(node, 'upgrade.sh', NEWER);
  const back = await operate(node, 'downgrade.sh', OLDER);
  const [there, rollback] = [waitingMs(up), waitingMs(back)];
  console.log(`${timings.rows} rows: switch ${there.toFixed(1)} ms, rollback ${rollback.toFixed(1)} ms`);
  if (!counts) return;
  timings.switch.push(there);
  timings.rollback.push(rollback);
  timings.upgrade.push(up.ms);
  timings.operations.push(up, back);
}

async function start(rows: number): Promise<Seeded> {
  console.log(`a node of ${rows} rows …`);
  const node = await startNode({ release: OLDER, prepare: (home) => seedNotes(home, rows) });
  return { node, timings: { rows, switch: [], rollback: [], upgrade: [], operations: [] } };
}

/** The first upgrade of each node is not counted: it unpacks the release. */
export async function measureSwitches(counts: readonly number[], rounds: number): Promise<SwitchTimings[]> {
  const seeded: Seeded[] = [];
  try {
    for (const rows of counts) seeded.push(await start(rows));
    for (const { node, timings } of seeded) await assertRows(node, timings.rows);
    for (let round = -1; round < rounds; round += 1)
      for (const each of round % 2 ? seeded.toReversed() : seeded) await thereAndBack(each, round >= 0);
    for (const { node, timings } of seeded) await assertRows(node, timings.rows);
    return seeded.map(({ timings }) => timings);
  } finally {
    for (const { node } of seeded) await node.stop();
  }
}
