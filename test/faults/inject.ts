/** Each fault: what the plan says before the upgrade begins, and what is done while the phase stands still. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alive, eventually, type TestNode } from '../support/test-node.ts';
import { fillDisk, flipBit, freeDisk, moveClock } from './machine.ts';
import { type Cell, type Fault, type InnerFault, isInner, type OuterFault, type Phase } from './matrix.ts';
import { fileOf, isSet, type Plan, set } from './plan.ts';
import type { StrikePoint } from './release/strike.ts';

/** The text of a note that is not in the ledger, to be damaged. */
export const BAIT = 'the note that is going to rot, and long enough to be found';

/** Longer than an hour: past the watch, and past every deadline. */
const JUMP_MS = 2 * 3_600_000;
const DEADLINE_MS = 30_000;

/** Where the code of the new release is at work; a timer of its own where nobody calls it. */
const POINTS: Readonly<Record<Phase, StrikePoint | undefined>> = {
  pre_flight_checks: 'lens',
  backup_state: undefined,
  load_modules: 'module',
  suspend_supervisors: 'timer',
  transform_state: 'code_change',
  migrate_data: 'timer',
  resume_supervisors: 'resumed',
  post_flight_checks: 'serving',
  watch: 'timer',
};

/** No table is attached while the module is loaded. */
const pointOf = (phase: Phase, kind: InnerFault): StrikePoint =>
  phase === 'load_modules' && kind === 'loop' ? 'factory' : POINTS[phase]!;

export function planOf({ phase, fault }: Cell): Plan {
  const point = isInner(fault) ? pointOf(phase, fault) : undefined;
  const gate = phase !== 'watch' && (point === undefined || point === 'timer') ? { gate: phase } : {};
  return { ...gate, ...(point === undefined ? {} : { strike: { point, kind: fault as InnerFault } }) };
}

export interface Stage {
  readonly node: TestNode;
  /** Of the runner that served before the upgrade. */
  readonly oldPid: number;
  /** Of the one that serves now. */
  readonly activePid: number;
  /** Told when the host is gone: it has to be started again. */
  restart(): Promise<void>;
}

/** Resolves when the fault has done what it does. */
export async function inject(fault: Fault, stage: Stage): Promise<void> {
  if (isInner(fault)) await strikeNow(stage);
  else await OUTSIDE[fault](stage);
}

/** Whatever the kind, the process ends: by itself, by the system, or by the host that misses its signs of life. */
async function strikeNow({ node }: Stage): Promise<void> {
  set(node.home, 'now');
  await eventually('the strike', () => isSet(node.home, 'struck'), DEADLINE_MS);
  const pid = await eventually('its pid', () => Number(readFileSync(fileOf(node.home, 'struck'), 'utf8')));
  // Its parent may not have noticed when the process is gone.
  await eventually('the end of the runner', () => !alive(pid) && !node.runners().includes(pid), DEADLINE_MS);
}

const OUTSIDE: Readonly<Record<OuterFault, (stage: Stage) => Promise<void>>> = {
  old_killed: async ({ node, oldPid }) => {
    process.kill(oldPid, 'SIGKILL');
    const gone = (): boolean => !alive(oldPid) && !node.runners().includes(oldPid);
    await eventually('the end of the old runner', gone, DEADLINE_MS);
  },
  host_killed: async ({ node, restart }) => {
    await node.crash();
    await restart();
  },
  disk_full: async ({ node }) => fillDisk(node.home),
  corrupt_row: async ({ node }) => flipBit(join(node.home, 'data/disc/data.mdb'), BAIT),
  clock_jumps: ({ node, activePid }) => moveClock(node.home, JUMP_MS, [node.pid, activePid]),
};

/** When the upgrade has ended, and clients have called on with the fault: there is room again, and the clock is set right. */
export async function mend(
  fault: Fault,
  { node, activePid }: Pick<Stage, 'node' | 'activePid'>,
): Promise<void> {
  if (fault === 'disk_full') freeDisk(node.home);
  if (fault === 'clock_jumps') await moveClock(node.home, 0, [node.pid, activePid]);
}
