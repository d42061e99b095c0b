/**
 * What the driver, the host and the code of the release tell each other, in the folder `faults` of the node's home: `plan.json`
 * says what is to happen where, and empty files say what has happened.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InnerFault, Phase } from './matrix.ts';
import type { StrikePoint } from './release/strike.ts';

export interface Plan {
  /** The phase in which the host stands still until `go`. */
  gate?: Phase;
  /** Where the code of the new release goes wrong, and how. */
  strike?: { point: StrikePoint; kind: InnerFault };
}

/**
 * - `at_gate`: the host stands still in the phase
 * - `go`: it goes on
 * - `now`: the timer of the new release strikes
 * - `struck`: the code of the release has gone wrong; it holds the pid
 */
export type Sign = 'at_gate' | 'go' | 'now' | 'struck';

export const fileOf = (home: string, name: string): string => join(home, 'faults', name);

export const isSet = (home: string, sign: Sign): boolean => existsSync(fileOf(home, sign));

export const set = (home: string, sign: Sign): void => writeFileSync(fileOf(home, sign), '');

export function writePlan(home: string, plan: Plan): void {
  mkdirSync(join(home, 'faults'), { recursive: true });
  writeFileSync(fileOf(home, 'plan.json'), JSON.stringify(plan));
}
