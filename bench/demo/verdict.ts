/** What a run found, and whether that is what was promised. */
import type { DemoClient } from './clients/client.ts';
import type { Ledger, Whoami } from './ledger.ts';
import type { Failure, Sample } from './load.ts';
import type { Act } from './scenario.ts';

export interface Outcome {
  clients: readonly DemoClient[];
  /** What `whoami` said before the first act. */
  first: Whoami[];
  acts: readonly Act[];
  sent: number;
  callsPerSecond: number;
  samples: readonly Sample[];
  failures: readonly Failure[];
  notesWritten: number;
  notesFound: number;
  counter: ReturnType<Ledger['counterFaults']>;
  /** From `log/upgrade.log`, after everything. */
  upgradeLog: string;
  /** Longest pause of this program itself, ms: that much of a stall can be its own. */
  ownPauseMs: number;
}

export interface Condition {
  name: string;
  holds: boolean;
  detail: string;
}

export const FAULTY_PHASE = 'transform_state';
const MIN_STREAMS = 20;
const MIN_RATE = 200;

export const streamsDropped = (clients: readonly DemoClient[]): number =>
  clients.reduce((sum, { seen }) => sum + seen.streamsDropped, 0);

export const lostSessions = (clients: readonly DemoClient[]): string[] =>
  clients.flatMap(({ name, seen }) => (seen.lost ? [`${name}: ${seen.lost}`] : []));

const withStream = (clients: readonly DemoClient[]): number =>
  clients.filter(({ seen }) => seen.streamsOpened > 0).length;

const says = (answers: readonly Whoami[]): string =>
  answers.map(({ version, pid }) => `${version} (pid ${pid})`).join(', ');

/** Everyone was answered by one runner of this version, and not by the one that served before. */
const servedByNew = (version: string, now: readonly Whoami[], before: readonly Whoami[]): boolean =>
  now.length === 1 && now[0]?.version === version && before.every(({ pid }) => pid !== now[0]?.pid);

function failedWhereItShould({ exitCode }: Act, upgradeLog: string): boolean {
  return exitCode === 1 && upgradeLog.includes(`[ERROR] Upgrade failed at phase: ${FAULTY_PHASE}`);
}

export function conditions(outcome: Outcome): Condition[] {
  const { clients, acts, failures, counter, first } = outcome;
  const [upgrade, faulty, downgrade] = acts as readonly [Act, Act, Act];
  const [lost, dropped, untold] = [
    lostSessions(clients),
    streamsDropped(clients),
    acts.flatMap((act) => act.untold),
  ];
  const is = (name: string, holds: boolean, detail: string): Condition => ({ name, holds, detail });
  return [
    is(
      `at least ${MIN_STREAMS} clients with an open stream`,
      withStream(clients) >= MIN_STREAMS,
      `${withStream(clients)}`,
    ),
    is(`at least ${MIN_RATE} calls/s`, outcome.callsPerSecond >= MIN_RATE, outcome.callsPerSecond.toFixed(0)),
    is('no request failed', failures.length === 0, `${failures.length} of ${outcome.sent}`),
    is('no session lost', lost.length === 0, `${lost.length} of ${clients.length}`),
    is('no stream dropped', dropped === 0, `${dropped}`),
    is(
      'every note is there',
      outcome.notesFound === outcome.notesWritten,
      `${outcome.notesFound} of ${outcome.notesWritten}`,
    ),
    is(
      'the counter never repeated or skipped',
      counter.increments > 0 && counter.repeated === 0 && counter.skipped === 0,
      `${counter.increments} increments, ${counter.repeated} repeated, ${counter.skipped} skipped`,
    ),
    is('scripts/upgrade.sh 3.0.0 succeeded', upgrade.exitCode === 0, `exit code ${upgrade.exitCode}`),
    is(
      'then whoami said 3.0.0 from a new pid',
      servedByNew('3.0.0', upgrade.answers, first),
      says(upgrade.answers),
    ),
    is(
      `3.0.1 failed in ${FAULTY_PHASE}`,
      failedWhereItShould(faulty, outcome.upgradeLog),
      `exit code ${faulty.exitCode}`,
    ),
    is('and 3.0.0 served on', says(faulty.answers) === says(upgrade.answers), says(faulty.answers)),
    is('scripts/downgrade.sh 2.1.0 succeeded', downgrade.exitCode === 0, `exit code ${downgrade.exitCode}`),
    is(
      'then whoami said 2.1.0 from a new pid',
      servedByNew('2.1.0', downgrade.answers, faulty.answers),
      says(downgrade.answers),
    ),
    is(
      'each client was told list_changed, both times',
      untold.length === 0,
      untold.length ? `not: ${untold.join(', ')}` : 'all',
    ),
  ];
}
