/** Prints what a run found. */
import type { Sample } from './load.ts';
import type { Act } from './scenario.ts';
import { type Condition, lostSessions, type Outcome, streamsDropped } from './verdict.ts';

const SHOWN_FAILURES = 10;

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** The slowest of the calls that were due or under way between two moments. */
function longestBetween(samples: readonly Sample[], from: number, to: number): number {
  return samples.reduce(
    (most, { due, ms }) => (due <= to && due + ms >= from ? Math.max(most, ms) : most),
    0,
  );
}

function actLines(act: Act, samples: readonly Sample[]): string[] {
  const { command, title, started, ended, phases, exitCode } = act;
  const stall = longestBetween(samples, started, ended);
  return [
    `${command} (${title}): ${((ended - started) / 1000).toFixed(2)} s, exit code ${exitCode}, longest stall ${ms(stall)}`,
    ...phases.map(({ name, state, time }) => `    ${name.padEnd(22)}${state.padEnd(8)}${time.padStart(10)}`),
  ];
}

function figures(outcome: Outcome): [string, string][] {
  const sorted = outcome.samples.map((sample) => sample.ms).sort((a, b) => a - b);
  const count = (value: number): string => value.toLocaleString('en');
  const latency = [0.5, 0.99, 0.999].map((part) => ms(percentile(sorted, part))).join(' / ');
  return [
    ['requests sent', `${count(outcome.sent)} (${outcome.callsPerSecond.toFixed(0)}/s)`],
    ['failed', count(outcome.failures.length)],
    ['sessions lost', count(lostSessions(outcome.clients).length)],
    ['streams dropped', count(streamsDropped(outcome.clients))],
    ['latency p50 / p99 / p99.9', latency],
    [
      'longest stall',
      `${ms(percentile(sorted, 1))} (longest pause of this program: ${ms(outcome.ownPauseMs)})`,
    ],
    ['notes written / found', `${count(outcome.notesWritten)} / ${count(outcome.notesFound)}`],
  ];
}

function problems({ failures, clients }: Outcome): string[] {
  const shown = failures
    .slice(0, SHOWN_FAILURES)
    .map(({ client, tool, error }) => `  ${tool} by ${client}: ${error}`);
  const rest = failures.length > SHOWN_FAILURES ? [`  and ${failures.length - SHOWN_FAILURES} more`] : [];
  return [...shown, ...rest, ...lostSessions(clients).map((line) => `  ${line}`)];
}

export function report(outcome: Outcome, conditions: readonly Condition[]): string {
  return [
    '',
    ...outcome.acts.flatMap((act) => actLines(act, outcome.samples)),
    '',
    ...figures(outcome).map(([name, value]) => `${name.padEnd(28)}${value}`),
    '',
    ...conditions.map(({ name, holds, detail }) => `${holds ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`),
    ...problems(outcome),
    '',
  ].join('\n');
}
