/** Upgrades and rollbacks of a real node under load, with so many sessions and rows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type NodeUnderTest, startNode } from '../node-under-test.ts';
import { seedNotes } from '../seed-notes.ts';
import { type Operation, operate } from '../tables/switch.ts';
import { LoadProcess } from './load-process.ts';
import { AFTER_MS, BEFORE_MS, type Window, windowOf } from './window.ts';

const OLDER = '2.1.0';
const NEWER = '3.0.0';
/** After the sessions were opened, and after each operation: what they leave behind is over. */
const REST_MS = 2_000;

export interface NodeTimings {
  readonly rows: number;
  readonly sessions: number;
  readonly upgrades: Measured[];
  readonly rollbacks: Measured[];
}

export interface Measured extends Window {
  /** The whole operation, ms. */
  readonly ms: number;
  /** From its beginning until the other version served. */
  readonly servingMs: number;
  readonly phases: Operation['phases'];
}

/** `2026-11-24T20:41:17.132Z [INFO] Phase migrate_data done`: then the flip begins. */
const COMMIT_LINE = /^(\S+) \[INFO\] Phase migrate_data done /gm;

async function flipOf({ home }: NodeUnderTest): Promise<number> {
  const log = await readFile(join(home, 'log/upgrade.log'), 'utf8');
  const last = [...log.matchAll(COMMIT_LINE)].at(-1)?.[1];
  if (last === undefined) throw new Error('log/upgrade.log does not tell of the commit');
  return Date.parse(last);
}

function servingMs({ phases }: Operation): number {
  const flip = phases.findIndex(({ phase }) => phase === 'resume_supervisors');
  return phases.slice(0, flip + 1).reduce((sum, { ms }) => sum + ms, 0);
}

async function measure(
  node: NodeUnderTest,
  load: LoadProcess,
  script: string,
  version: string,
): Promise<Measured> {
  await pause(REST_MS);
  await load.collect();
  await pause(BEFORE_MS);
  const from = Date.now();
  const operation = await operate(node, script, version);
  const to = Date.now();
  await pause(AFTER_MS);
  const window = windowOf(await load.collect(), { from, at: await flipOf(node), to });
  const { ms, phases } = operation;
  const shown = [window.slowestMs, window.silenceMs, window.quietMs, window.ownPauseMs].map((each) =>
    each.toFixed(1),
  );
  console.log(
    `  ${script} ${(ms / 1000).toFixed(1)} s: slowest answer ${shown[0]} ms, silence ${shown[1]} ms (p99.9 before ${shown[2]}, own pause ${shown[3]}), ${window.failed} failed, ${window.sessionsLost} lost`,
  );
  return { ...window, ms, servingMs: servingMs(operation), phases };
}

async function measureSessions(
  node: NodeUnderTest,
  rows: number,
  sessions: number,
  { rate, rounds }: { rate: number; rounds: number },
): Promise<NodeTimings> {
  console.log(`erlmcp, ${rows} rows, ${sessions} sessions …`);
  const timings: NodeTimings = { rows, sessions, upgrades: [], rollbacks: [] };
  const load = await LoadProcess.start({ port: node.httpPort, sessions, rate });
  try {
    for (let round = 0; round < rounds; round += 1) {
      timings.upgrades.push(await measure(node, load, 'upgrade.sh', NEWER));
      timings.rollbacks.push(await measure(node, load, 'downgrade.sh', OLDER));
    }
    return timings;
  } finally {
    await load.stop();
  }
}

/** One node for all numbers of sessions, the fewest first. */
export async function measureNode(
  rows: number,
  sessions: readonly number[],
  options: { rate: number; rounds: number },
): Promise<NodeTimings[]> {
  const node = await startNode({ release: OLDER, prepare: (home) => seedNotes(home, rows) });
  try {
    const found: NodeTimings[] = [];
    for (const count of sessions) found.push(await measureSessions(node, rows, count, options));
    return found;
  } finally {
    await node.stop();
  }
}
