/** What runners tell for the rehearsal of a dry run. */
import type { HandedApplication } from './process-views.ts';

/** What the servers of a runner are, read while they go on. */
export interface CopiedStates {
  /** Snapshots without messages, timers and ties. */
  servers: CopiedState[];
  applications: HandedApplication[];
  /** Servers that did not come to it in time, and what they are at. */
  busy: { name: string; task: string | null }[];
  /** Servers whose state does not survive a structured clone, and why. */
  unfit: { name: string; why: string }[];
}

/** Made and read by src/otp, but for these. */
export interface CopiedState {
  name: string;
  version: number;
  state: unknown;
}

/** A server of the next release, held, with what was made of its state. */
export interface RehearsedServer {
  name: string;
  version: number;
  /** Why this state can not be handed over; null where it can. */
  problem: string | null;
  /** What a hand-over would change in it; null for nothing. */
  warning: string | null;
  /** Its timers, and its `resumed` hook if it has one, are left out of a rehearsal: it is not `safeToRehearse`. */
  leavesOut: 'nothing' | 'timers' | 'resumed';
}
