/** What a run of the tables bench found, as JSON for programs and Markdown tables for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ratioOf, type Spread, spreadOf, type Timings } from '../measure.ts';
import { PROJECT } from '../node-under-test.ts';
import type { LensTimings } from './lenses.ts';
import { type Measured, OPERATIONS } from './operations.ts';
import type { SwitchTimings } from './switch.ts';
import type { WriteTimings } from './writes.ts';

export interface Conditions {
  rounds: number;
  /** Of the machine over the last minute, before the bench began: one that is busy measures nothing. */
  loadAverage: number;
}

/** A part that was not run is undefined. */
export interface Found {
  readonly operations: Measured | undefined;
  readonly lenses: LensTimings | undefined;
  readonly switches: readonly SwitchTimings[] | undefined;
  readonly writes: readonly WriteTimings[] | undefined;
}

const NS_PER_US = 1_000;

const micros = (ns: readonly number[]): string => {
  const us = spreadOf(ns).median / NS_PER_US;
  return us < 100 ? us.toFixed(us < 10 ? 2 : 1) : Math.round(us).toLocaleString('en');
};

const ratio = ({ median, min, max }: Spread): string =>
  `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;

const millis = (ms: readonly number[]): string => {
  const { median, min, max } = spreadOf(ms);
  return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`;
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const PEERS = ['erlmcp', 'erlmcp_ram', 'lmdb', 'sqlite', 'map'] as const;

function operationsTable(measured: Measured): string[] {
  const rows = OPERATIONS.map(({ name, label, clock }) => {
    const timings = measured[name]!;
    const ours = timings.erlmcp!;
    const ratios = [ratio(ratioOf(ours, timings.lmdb!)), ratio(ratioOf(ours, timings.sqlite!))];
    return [
      `${label}${clock === 'cpu' ? ' *' : ''}`,
      ...PEERS.map((peer) => micros(timings[peer]!)),
      ...ratios,
    ];
  });
  return [
    ...table(
      ['µs', 'erlmcp', 'erlmcp, `ram`', 'raw lmdb', 'node:sqlite', 'Map', '… / lmdb', '… / sqlite'],
      rows,
    ),
    '',
    '\\* CPU time; the others wall time, of which most is the disk. `… /`: erlmcp to a peer, round by round, median (min–max); above 1 erlmcp is slower.',
    'lmdb and erlmcp share one flush among writes that are made at once, node:sqlite is given them as one transaction. The Map keeps nothing.',
    '',
  ];
}

const WAYS: Readonly<Record<string, string>> = {
  none: 'no lens',
  free: 'free `up`, `down`',
  free_with_put: 'free `up`, `down`, `put`',
  combinators: 'combinators',
};

function lensesTable({ get, put }: LensTimings): string[] {
  const side = (timings: Timings, way: string): string[] => [
    micros(timings[way]!),
    ratio(ratioOf(timings[way]!, timings.none!)),
  ];
  const rows = Object.entries(WAYS).map(([way, label]) => [label, ...side(get, way), ...side(put, way)]);
  return [
    ...table(['CPU µs', 'get of an older row', '… / no lens', 'put over a newer row', '… / no lens'], rows),
    '',
    'Two steps: version 1 adds two fields to become 2, which renames one to become 3. Rows in `ram`, 1,000 puts in a transaction.',
    '',
  ];
}

function switchTable(switches: readonly SwitchTimings[]): string[] {
  const [fewest] = switches;
  const rows = switches.map((each) => [
    each.rows.toLocaleString('en'),
    millis(each.switch),
    ratio(ratioOf(each.switch, fewest!.switch)),
    millis(each.rollback),
    ratio(ratioOf(each.rollback, fewest!.rollback)),
    `${(spreadOf(each.upgrade).median / 1_000).toFixed(1)} s`,
  ]);
  return [
    ...table(['rows', 'switch, ms', '… / fewest', 'rollback, ms', '… / fewest', 'whole upgrade'], rows),
    '',
    'Switch and rollback: `suspend_supervisors` to `resume_supervisors` of a real node, median (min–max). The rest of an upgrade goes on while the node serves.',
    '',
  ];
}

function writesTable(writes: readonly WriteTimings[]): string[] {
  const rows = writes.map((each) => [
    Math.round(spreadOf(each.rate).median).toLocaleString('en'),
    Math.round(spreadOf(each.trackedRows).median).toLocaleString('en'),
    millis(each.trackedMs),
    millis(each.switch),
    `${(spreadOf(each.upgrade).median / 1_000).toFixed(1)} s`,
  ]);
  return [
    ...table(['writes/s', 'rows checked again', 'in, ms', 'switch, ms', 'whole upgrade'], rows),
    '',
    'A call writes through a whole upgrade of a node with 300,000 rows; what it wrote during the check is checked in `load_modules`, the rest as it is written: none is left at the switch.',
    '',
  ];
}

function markdown(found: Found, machine: string, { rounds, loadAverage }: Conditions): string {
  const { operations, lenses, switches, writes } = found;
  return [
    `Rows of about 100 bytes, ${rounds} rounds in turn, medians. ${machine}, load average ${loadAverage.toFixed(1)} before.`,
    '',
    ...(operations ? operationsTable(operations) : []),
    ...(lenses ? lensesTable(lenses) : []),
    ...(switches ? switchTable(switches) : []),
    ...(writes ? writesTable(writes) : []),
  ].join('\n');
}

/** Writes `bench/results/tables-<date>.{json,md}` and returns the Markdown. A run of some parts is only printed. */
export async function writeReport(found: Found, conditions: Conditions): Promise<string> {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const text = markdown(found, machine, conditions);
  if (Object.values(found).includes(undefined))
    return `${text}\nNot all parts were run: nothing is written.\n`;
  const folder = join(PROJECT, 'bench/results');
  const file = join(folder, `tables-${new Date().toISOString().slice(0, 10)}`);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.json`, `${JSON.stringify({ machine, conditions, ...found }, null, 2)}\n`);
  await writeFile(`${file}.md`, text);
  return `${text}\nWritten to ${file}.json and .md\n`;
}
