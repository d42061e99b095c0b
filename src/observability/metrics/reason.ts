import type { Comparison, ToolComparison } from './comparison.ts';
import type { Judgement } from './judge.ts';
import { type Row, worst } from './rows.ts';
import type { Snapshot } from './windows.ts';

/** The row of a whole comparison, and the numbers that it rests on in a sentence for log and operator. */

export function decide(
  { total, tools, resources }: Pick<Comparison, 'total' | 'tools' | 'resources'>,
  baseline: Snapshot,
  now: Snapshot,
): { row: Row; reason: string } {
  const found: Finding[] = [
    ...findingsOf('all calls', total),
    ...Object.entries(tools).flatMap(([tool, comparison]) => findingsOf(tool, comparison)),
    { what: 'CPU', judged: resources.cpuPercent, unit: '%', scale: 1 },
    { what: 'memory', judged: resources.memoryBytes, unit: 'MiB', scale: 1024 * 1024 },
    { what: 'event-loop lag', judged: resources.lagMs, unit: 'ms', scale: 1 },
  ];
  const bad = worst(found.map(({ judged }) => judged.row));
  if (bad === 'investigate' || bad === 'immediate_rollback') {
    return {
      row: bad,
      reason: found
        .filter(({ judged }) => judged.row === bad)
        .map(tell)
        .join('; '),
    };
  }
  const row = worst([total.row, ...Object.values(tools).map((tool) => tool.row)]);
  return { row, reason: row === 'monitor' ? tellAll(found) : tellMissing(baseline, now) };
}

interface Finding {
  what: string;
  judged: Judgement;
  unit: string;
  scale: number;
}

function findingsOf(name: string, { p50Us, p99Us, errorRate, throughput }: ToolComparison): Finding[] {
  return [
    { what: `${name} p50`, judged: p50Us, unit: 'ms', scale: 1_000 },
    { what: `${name} p99`, judged: p99Us, unit: 'ms', scale: 1_000 },
    { what: `${name} errors`, judged: errorRate, unit: '%', scale: 0.01 },
    { what: `${name} throughput`, judged: throughput, unit: 'calls/s', scale: 1 },
  ];
}

function tell({ what, judged, unit, scale }: Finding): string {
  const { baseline, now, changePercent, pValue } = judged;
  const change =
    changePercent === null ? 'baseline 0' : `${changePercent >= 0 ? '+' : ''}${changePercent.toFixed(1)} %`;
  const p = pValue === null ? '' : `, p = ${pValue < 0.0001 ? pValue.toExponential(1) : pValue.toFixed(4)}`;
  return `${what} ${(baseline / scale).toFixed(2)} -> ${(now / scale).toFixed(2)} ${unit} (${change}${p})`;
}

function tellAll(found: readonly Finding[]): string {
  return found
    .filter(({ what, judged }) => what.startsWith('all calls') && judged.row !== 'not_enough_data')
    .map(tell)
    .join('; ');
}

function tellMissing(baseline: Snapshot, now: Snapshot): string {
  const side = (name: string, { total }: Snapshot): string =>
    `${name} has ${total.calls} calls in ${total.windows.filter(({ calls }) => calls > 0).length} windows`;
  return `${side('the baseline', baseline)}, ${side('now', now)}; no test can tell a change from noise yet`;
}
