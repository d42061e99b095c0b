/** What a run of the OTP bench found, as JSON for programs and a Markdown table for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ratioOf, type Spread, spreadOf, type Timings } from '../measure.ts';
import { PROJECT } from '../node-under-test.ts';

export interface Conditions {
  rounds: number;
  /** Repetitions in a round. */
  times: number;
  /** Of the machine over the last minute, before the bench began: one that is busy measures nothing. */
  loadAverage: number;
}

/** A call round trip may cost this many times an awaited async function call. */
const TARGET = 3;

const row = (label: string, { median, min, max }: Spread, digits: number): string =>
  `| ${label} | ${median.toFixed(digits)} | ${min.toFixed(digits)}–${max.toFixed(digits)} |`;

const LABELS: Readonly<Record<string, string>> = {
  call: 'call of an idle server',
  pair: 'two calls at once, each',
  from_server: "call in another server's callback",
};

interface Found {
  readonly plain: Spread;
  readonly calls: Readonly<Record<string, { readonly ns: Spread; readonly ratio: Spread }>>;
}

function markdown({ plain, calls }: Found, machine: string, conditions: Conditions): string {
  const { rounds, times, loadAverage } = conditions;
  const target = calls.call!.ratio.median;
  return [
    `Call round trips to a genServer of the same process, against an awaited async function: ${rounds} rounds of ${times.toLocaleString('en')} in turn.`,
    `${machine}, load average ${loadAverage.toFixed(1)} before. CPU time, garbage collection included.`,
    '',
    '| | median | min–max |',
    '|---|---|---|',
    row('awaited async function, ns', plain, 0),
    ...Object.entries(calls).flatMap(([name, { ns, ratio }]) => [
      row(`${LABELS[name]}, ns`, ns, 0),
      row('… ratio, round by round', ratio, 2),
    ]),
    '',
    `Target: a ratio of at most ${TARGET} for the call of an idle server; ${target <= TARGET ? 'met' : 'not met'} by the median.`,
    '',
  ].join('\n');
}

/** Writes `bench/results/otp-<date>.{json,md}` and returns the Markdown. */
export async function writeReport(timings: Timings, conditions: Conditions): Promise<string> {
  const { function: plain = [], ...calls } = timings;
  const found: Found = {
    plain: spreadOf(plain),
    calls: Object.fromEntries(
      Object.entries(calls).map(([name, ns]) => [name, { ns: spreadOf(ns), ratio: ratioOf(ns, plain) }]),
    ),
  };
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const text = markdown(found, machine, conditions);
  const folder = join(PROJECT, 'bench/results');
  const file = join(folder, `otp-${new Date().toISOString().slice(0, 10)}`);
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${file}.json`,
    `${JSON.stringify({ machine, conditions, target: TARGET, ...found, timings }, null, 2)}\n`,
  );
  await writeFile(`${file}.md`, text);
  return `${text}\nWritten to ${file}.json and .md\n`;
}
