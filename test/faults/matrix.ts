/** Which faults are played in which phases, and why some can not be. The rows are the phases of an upgrade and its watch. */
import { UPGRADE_PHASES } from '../../src/control/phases.ts';

export const PHASES = [...UPGRADE_PHASES, 'watch'] as const;
export type Phase = (typeof PHASES)[number];

/** Of the code of the new release: it does this to itself, at a point that is in the phase. */
export const INNER_FAULTS = ['throw', 'exit', 'kill', 'stop', 'loop', 'oom'] as const;
/** From outside, while the phase stands still. */
export const OUTER_FAULTS = ['old_killed', 'host_killed', 'disk_full', 'corrupt_row', 'clock_jumps'] as const;

export type InnerFault = (typeof INNER_FAULTS)[number];
export type OuterFault = (typeof OUTER_FAULTS)[number];
export type Fault = InnerFault | OuterFault;
export const FAULTS: readonly Fault[] = [...INNER_FAULTS, ...OUTER_FAULTS];

export const FAULT_TITLES: Readonly<Record<Fault, string>> = {
  throw: 'new runner throws',
  exit: 'new runner exits',
  kill: 'new runner is killed (-9)',
  stop: 'new runner is stopped (SIGSTOP)',
  loop: 'new runner loops inside a transaction',
  oom: 'new runner is out of memory',
  old_killed: 'old runner is killed (-9)',
  host_killed: 'host is killed (-9)',
  disk_full: 'disk is full',
  corrupt_row: 'a row is corrupt',
  clock_jumps: 'the clock jumps',
};

export interface Cell {
  readonly phase: Phase;
  readonly fault: Fault;
}

export const nameOf = ({ phase, fault }: Cell): string => `${phase}:${fault}`;

export const isInner = (fault: Fault): fault is InnerFault =>
  (INNER_FAULTS as readonly string[]).includes(fault);

/** Up to the commit point a failure leaves the version before as it is; from here on the new one serves. */
export const isCommitted = (phase: Phase): boolean => PHASES.indexOf(phase) > PHASES.indexOf('migrate_data');

/** Why there is no such cell; undefined: there is. */
export function notApplicable({ phase, fault }: Cell): string | undefined {
  if (phase === 'backup_state' && isInner(fault))
    return 'No process of the new release is there: the check runner has ended, and the host copies and verifies the stores itself.';
  return undefined;
}

export const CELLS: readonly Cell[] = PHASES.flatMap((phase) =>
  FAULTS.map((fault) => ({ phase, fault })),
).filter((cell) => notApplicable(cell) === undefined);

/** Each fault once and each phase at least once: one after the other goes down the diagonal. */
export function pairwise(): Cell[] {
  return FAULTS.map((fault, at) => {
    const phases = PHASES.filter((phase) => notApplicable({ phase, fault }) === undefined);
    const wanted = PHASES[(at + BEGIN) % PHASES.length]!;
    return { fault, phase: phases.includes(wanted) ? wanted : phases[at % phases.length]! };
  });
}

/** So that `backup_state` falls to a fault that it knows, and each phase to one at least. */
const BEGIN = 4;

/** Parses `phase:fault`. Throws TypeError, also where there is no such cell. */
export function parseCell(text: string): Cell {
  const cell = CELLS.find((candidate) => nameOf(candidate) === text);
  if (cell) return cell;
  const [phase, fault] = text.split(':') as [Phase, Fault];
  if (PHASES.includes(phase) && FAULTS.includes(fault))
    throw new TypeError(`${text}: ${notApplicable({ phase, fault })}`);
  throw new TypeError(
    `${text} is no cell: one is written phase:fault, with a phase of ${PHASES.join(', ')} and a fault of ${FAULTS.join(', ')}`,
  );
}
