/** Plays one cell: a node of its own, clients at work, an upgrade, the fault in its phase; then everything is looked at. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CommandResult, eventually, freePort, TestNode } from '../support/test-node.ts';
import { afterwards, leftBehind } from './checks.ts';
import { BAIT, inject, mend, planOf, type Stage } from './inject.ts';
import { FaultLoad } from './load.ts';
import { mountSmallDisk, processesOf, unmount } from './machine.ts';
import { type Cell, nameOf } from './matrix.ts';
import { isSet, set, writePlan } from './plan.ts';
import { AFTER, BEFORE } from './release/versions.ts';
import { settled, whoami } from './views.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.ts')).href;
const WARM_CALLS = 30;
const CALLS_AFTERWARDS = 30;
const GATE_MS = 60_000;
const UPGRADE_S = 110;

export interface Played {
  /** What is not as it has to be; none: the cell holds. */
  readonly problems: string[];
  /** The node's home, kept where there are problems. */
  readonly home: string;
  readonly ms: number;
}

export async function play(cell: Cell, packages: string): Promise<Played> {
  const started = performance.now();
  const node = await makeNode(cell, packages);
  const problems = await perform(cell, node).catch((error: unknown) => [messageOf(error)]);
  problems.push(...(await end(cell, node, problems.length > 0)));
  return { problems, home: node.home, ms: performance.now() - started };
}

async function makeNode({ fault }: Cell, packages: string): Promise<TestNode> {
  const home = mkdtempSync(join(tmpdir(), 'erlmcp-fault-'));
  if (fault === 'disk_full' && !mountSmallDisk(home)) throw new Error('a small disk can not be mounted');
  cpSync(packages, join(home, 'packages'), { recursive: true });
  mkdirSync(join(home, 'faults'));
  // Only where a runner falls silent is that to be noticed soon: a busy machine must not bring about faults of its own.
  const silent = fault === 'stop' || fault === 'loop';
  const config = {
    timeouts: { heartbeat_ms: silent ? 5_000 : 30_000, suspend_ms: 30_000 },
    runner: { memory_mb: fault === 'oom' ? 96 : 512 },
  };
  writeFileSync(join(home, 'erlmcp.json'), JSON.stringify(config));
  const node = new TestNode(home, await freePort(), await freePort());
  if (fault === 'clock_jumps') node.env.NODE_OPTIONS = `--import=${PRELOAD}`;
  return node;
}

async function perform(cell: Cell, node: TestNode): Promise<string[]> {
  await start(node, '--release', BEFORE);
  const load = await FaultLoad.start(node.url);
  try {
    await load.clients[0]!.call('note_add', { text: BAIT }, GATE_MS);
    await load.more(WARM_CALLS);
    const oldPid = (await whoami(load.clients)).pid;
    writePlan(node.home, planOf(cell));
    const upgrade = await playUpgrade(cell, node, load, oldPid);
    await load.more(CALLS_AFTERWARDS);
    await mend(cell.fault, { node, activePid: (await settled(node, load.clients)).pid });
    await load.more(CALLS_AFTERWARDS);
    await load.stop();
    return await afterwards(cell, { node, load, upgrade });
  } finally {
    await load.close();
  }
}

/** The upgrade with its fault; how it ended for the operator who had asked for it. */
async function playUpgrade(
  cell: Cell,
  node: TestNode,
  load: FaultLoad,
  oldPid: number,
): Promise<CommandResult> {
  const upgrade = node.script('upgrade.sh', AFTER, `--timeout=${UPGRADE_S}`);
  const stage = (activePid: number): Stage => ({ node, oldPid, activePid, restart: () => start(node) });
  if (planOf(cell).gate !== undefined) {
    const over = upgrade.then(({ stdout, stderr }) => {
      if (!isSet(node.home, 'at_gate'))
        throw new Error(`the upgrade never came to its phase: ${stdout}${stderr}`);
    });
    await Promise.race([eventually('the gate', () => isSet(node.home, 'at_gate'), GATE_MS), over]);
    await inject(cell.fault, stage(oldPid));
    set(node.home, 'go');
  }
  const result = await upgrade;
  if (cell.phase === 'watch') {
    if (result.code !== 0) throw new Error(`the upgrade failed: ${result.stdout}${result.stderr}`);
    await inject(cell.fault, stage((await settled(node, load.clients)).pid));
  }
  return result;
}

/** The preload is the node's alone, unless the clock is moved: that is the same for all that run on the machine. */
function start(node: TestNode, ...args: string[]): Promise<void> {
  const before = node.env.NODE_OPTIONS;
  node.env.NODE_OPTIONS = `--import=${PRELOAD}`;
  const starting = node.start(...args);
  node.env.NODE_OPTIONS = before;
  return starting;
}

async function end(cell: Cell, node: TestNode, failed: boolean): Promise<string[]> {
  const stopped = await node.erlmcp('stop');
  const problems = await leftBehind(node.home, stopped);
  for (const { pid } of processesOf(node.home)) process.kill(pid, 'SIGKILL');
  if (failed || problems.length > 0) keep(cell, node);
  if (cell.fault === 'disk_full') unmount(node.home);
  await node.remove();
  return problems;
}

/** For a look at what went wrong. */
function keep(cell: Cell, { home }: TestNode): void {
  const to = join(tmpdir(), 'erlmcp-faults-failed', nameOf(cell).replace(':', '-'));
  cpSync(join(home, 'log'), to, { recursive: true });
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
};
