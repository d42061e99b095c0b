/** What a run of the upgrade bench found: JSON for programs, Markdown and a chart for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from '../measure.ts';
import { PROJECT } from '../node-under-test.ts';
import { chart, type Panel } from './chart.ts';
import type { Measured, NodeTimings } from './erlmcp.ts';
import type { PeerTimings } from './peers.ts';
import { BUCKET_MS, percentile, type Window } from './window.ts';

export interface Conditions {
  rows: readonly number[];
  sessions: readonly number[];
  rounds: number;
  rate: number;
  only: readonly string[];
  /** Of the machine over the last minute, before the bench began: one that is busy measures nothing. */
  loadAverage: number;
}

interface Found {
  nodes: readonly NodeTimings[];
  peers: readonly PeerTimings[];
  skipped: Readonly<Record<string, string>>;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

const spread = (values: readonly number[], digits = 1): string => {
  const { median, min, max } = spreadOf(values);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const total = (windows: readonly Window[], of: (window: Window) => number): string =>
  whole(windows.reduce((sum, window) => sum + of(window), 0));

const lossesOf = (windows: readonly Window[]): string[] => [
  `${total(windows, ({ failed }) => failed)} of ${total(windows, ({ requests }) => requests)}`,
  total(windows, ({ sessionsLost }) => sessionsLost),
  total(windows, ({ streamsDropped }) => streamsDropped),
];

function nodeRow({ rows, sessions }: NodeTimings, kind: string, measured: readonly Measured[]): string[] {
  return [
    kind,
    whole(rows),
    whole(sessions),
    ...lossesOf(measured),
    spread(measured.map(({ slowestMs }) => slowestMs)),
    spread(measured.map(({ silenceMs }) => silenceMs)),
    spread(measured.map(({ quietMs }) => quietMs)),
    spread(measured.map(({ ownPauseMs }) => ownPauseMs)),
    spread(
      measured.map(({ servingMs }) => servingMs),
      0,
    ),
    spread(
      measured.map(({ ms }) => ms),
      0,
    ),
  ];
}

const STALLS = ['slowest answer, ms', 'silence, ms', 'p99.9 before, ms', 'own pause, ms'];
const LOSSES = ['failed', 'sessions lost', 'streams dropped'];

const nodesTable = (nodes: readonly NodeTimings[]): string[] => [
  ...table(
    ['', 'rows', 'sessions', ...LOSSES, ...STALLS, 'until it served, ms', 'whole, ms'],
    nodes.flatMap((node) => [
      nodeRow(node, 'upgrade', node.upgrades),
      nodeRow(node, 'rollback', node.rollbacks),
    ]),
  ),
  '',
  'Each session has an open event stream. Slowest answer: from the moment at which a request was due. Silence: the longest time without any answer. Own pause: of the load’s process, which a stall may be.',
  '',
];

function peersTable(peers: readonly PeerTimings[], skipped: Found['skipped']): string[] {
  const rows = peers.map(({ label, sessions, deploys }) => [
    label,
    whole(sessions),
    ...lossesOf(deploys),
    spread(
      deploys.map(({ silenceMs }) => silenceMs),
      0,
    ),
    spread(
      deploys.map(({ silenceEndMs }) => silenceEndMs),
      0,
    ),
    spread(
      deploys.map(({ ms }) => ms),
      0,
    ),
  ]);
  return [
    ...table(['deploy', 'sessions', ...LOSSES, 'silence, ms', 'served again after, ms', 'whole, ms'], rows),
    '',
    ...Object.entries(skipped).map(([label, reason]) => `${label} was not measured: ${reason}\n`),
    'A client whose session is lost opens a new one with its next request. What the SDK’s server keeps is in memory, and gone too.',
    '',
  ];
}

/** The middle of the rounds, and their worst, for each tenth of a second. */
function panelOf(title: string, windows: readonly Window[]): Panel {
  const [first] = windows;
  const merged = (first?.buckets ?? []).map((_, index) =>
    windows.flatMap(({ buckets }) => buckets[index] ?? []),
  );
  return {
    title,
    p50: merged.map((values) => percentile(values, 0.5)),
    p99: merged.map((values) => percentile(values, 0.99)),
  };
}

const panelsOf = ({ nodes, peers }: Found): Panel[] => [
  ...nodes.flatMap(({ rows, sessions, upgrades, rollbacks }) => [
    panelOf(`upgrade, ${whole(rows)} rows, ${whole(sessions)} sessions`, upgrades),
    panelOf(`rollback, ${whole(rows)} rows, ${whole(sessions)} sessions`, rollbacks),
  ]),
  ...peers.map(({ label, sessions, deploys }) => panelOf(`${label}, ${whole(sessions)} sessions`, deploys)),
];

function markdown(found: Found, machine: string, { rounds, rate, loadAverage }: Conditions): string {
  return [
    `Upgrade 2.1.0 → 3.0.0 and rollback under ${rate} requests/s, ${rounds} rounds: medians (min–max); losses of all rounds. ${machine}, load average ${loadAverage.toFixed(1)} before.`,
    '',
    ...(found.nodes.length > 0 ? nodesTable(found.nodes) : []),
    ...(found.peers.length > 0 || Object.keys(found.skipped).length > 0
      ? peersTable(found.peers, found.skipped)
      : []),
  ].join('\n');
}

/** The values of the buckets would be most of the file; their percentiles are kept. */
const withoutBuckets = (key: string, value: unknown): unknown => (key === 'buckets' ? undefined : value);

/** Writes `bench/results/upgrade-<date>.{json,md,svg}` and returns the Markdown. A run of some parts is only printed. */
export async function writeReport(found: Found, conditions: Conditions): Promise<string> {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const text = markdown(found, machine, conditions);
  const panels = panelsOf(found);
  if (found.nodes.length === 0 || found.peers.length === 0)
    return `${text}\nNot all parts were run: nothing is written.\n`;
  const folder = join(PROJECT, 'bench/results');
  const file = join(folder, `upgrade-${new Date().toISOString().slice(0, 10)}`);
  await mkdir(folder, { recursive: true });
  const json = { machine, conditions, bucketMs: BUCKET_MS, latency: panels, ...found };
  await writeFile(`${file}.json`, `${JSON.stringify(json, withoutBuckets, 2)}\n`);
  await writeFile(`${file}.svg`, chart(panels));
  await writeFile(
    `${file}.md`,
    `${text}\n![latency per 100 ms around the switch](upgrade-${file.slice(-10)}.svg)\n`,
  );
  return `${text}\nWritten to ${file}.json, .md and .svg\n`;
}
