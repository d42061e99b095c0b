/** What a run of the HTTP bench found, as JSON for programs and a Markdown table for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../node-under-test.ts';
import type { LoadResult } from './load.ts';

export interface Measured {
  name: string;
  label: string;
  rounds: LoadResult[];
}

export interface Conditions {
  generator: string;
  connections: number;
  seconds: number;
  rounds: number;
  /** Of the machine over the last minute, before the bench began: one that is busy measures nothing. */
  loadAverage: number;
}

interface Row {
  name: string;
  label: string;
  /** Calls per second: the median round, and the extremes. */
  median: number;
  min: number;
  max: number;
  p99Ms: number;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

function summarise({ name, label, rounds }: Measured): Row {
  const rates = rounds.map(({ requests, seconds }) => requests / seconds);
  const p99Ms = median(rounds.map((round) => round.p99Ms));
  return { name, label, median: median(rates), min: Math.min(...rates), max: Math.max(...rates), p99Ms };
}

/** Each of our rows against each peer, by name: `erlmcp-2026 / sdk-v2`. */
function ratios(rows: readonly Row[]): Record<string, number> {
  const ours = rows.filter(({ name }) => name.startsWith('erlmcp'));
  const peers = rows.filter(({ name }) => !name.startsWith('erlmcp'));
  const pairs = ours.flatMap((our) =>
    peers.map((peer) => [`${our.name} / ${peer.name}`, our.median / peer.median]),
  );
  return Object.fromEntries(pairs) as Record<string, number>;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function markdown(
  rows: readonly Row[],
  ratio: Record<string, number>,
  machine: string,
  conditions: Conditions,
): string {
  const { generator, connections, seconds, rounds, loadAverage } = conditions;
  const lines = rows.map(
    ({ label, median, min, max, p99Ms }) =>
      `| ${label} | ${whole(median)} | ${whole(min)}–${whole(max)} | ${p99Ms.toFixed(1)} |`,
  );
  return [
    `Small \`tools/call\` over HTTP, ${connections} connections, ${rounds} rounds of ${seconds} s in turn, by ${generator}.`,
    `${machine}, load average ${loadAverage.toFixed(1)} before.`,
    '',
    '| server | calls/s, median | min–max | p99, ms |',
    '|---|---|---|---|',
    ...lines,
    '',
    ...(Object.keys(ratio).length ? ['| ratio | of medians |', '|---|---|'] : []),
    ...Object.entries(ratio).map(([pair, value]) => `| ${pair} | ${value.toFixed(2)} |`),
    '',
  ].join('\n');
}

/** Writes `bench/results/http-<date>.{json,md}` and returns the Markdown. */
export async function writeReport(measured: readonly Measured[], conditions: Conditions): Promise<string> {
  const rows = measured.map(summarise);
  const ratio = ratios(rows);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const text = markdown(rows, ratio, machine, conditions);
  const folder = join(PROJECT, 'bench/results');
  const file = join(folder, `http-${new Date().toISOString().slice(0, 10)}`);
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${file}.json`,
    `${JSON.stringify({ machine, conditions, rows, ratios: ratio, measured }, null, 2)}\n`,
  );
  await writeFile(`${file}.md`, text);
  return `${text}\nWritten to ${file}.json and .md\n`;
}
