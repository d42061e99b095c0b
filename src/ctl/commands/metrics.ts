import type { MetricsResult, ToolMetrics } from '../../control/types.ts';
import { type CtlCommand, query } from '../command.ts';
import { change, optional, round, seconds } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { VERDICT_COLOUR, VERDICT_TEXT } from '../output/verdict.ts';

export const command: CtlCommand = {
  help: 'Each tool has a line for the baseline, frozen before the last upgrade, one for now, and one for the change.',
  run: query('metrics', { render }),
};

interface Line {
  tool: string;
  when: string;
  calls: string;
  errors: string;
  p50: string;
  p99: string;
  rate: string;
}

function render({ baseline, now, tools, verdict }: MetricsResult, terminal: Terminal): string {
  const colour = VERDICT_COLOUR[verdict.row];
  const text = VERDICT_TEXT[verdict.row];
  return [
    baseline
      ? `baseline  ${baseline.version}, frozen at ${baseline.frozen_at} over ${seconds(baseline.window_s)}`
      : 'baseline  none',
    `now       ${now.version}, since ${now.since}, over ${seconds(now.window_s)}`,
    `verdict   ${colour ? terminal.style(colour, text) : text}`,
    `          ${verdict.reason}`,
    '',
    tools.length === 0 ? 'No tool has been called yet.' : table(terminal, tools.flatMap(lines), COLUMNS),
  ].join('\n');
}

function lines(row: ToolMetrics): Line[] {
  const now = figures(row.baseline ? '' : row.tool, 'now', row.now);
  if (!row.baseline) return [now];
  return [
    figures(row.tool, 'baseline', row.baseline),
    now,
    {
      tool: '',
      when: 'change',
      calls: '',
      errors: change(row.change?.errors_pct),
      p50: change(row.change?.p50_pct),
      p99: change(row.change?.p99_pct),
      rate: change(row.change?.rate_pct),
    },
  ];
}

function figures(tool: string, when: string, values: ToolMetrics['now']): Line {
  return {
    tool,
    when,
    calls: String(values.calls),
    errors: String(values.errors),
    p50: millis(values.p50_ms),
    p99: millis(values.p99_ms),
    rate: `${round(values.rate, 1)}/s`,
  };
}

const millis = (value: number | null): string => optional(value === null ? null : round(value, 2));

const COLUMNS: readonly Column<Line>[] = [
  { head: 'TOOL', cell: ({ tool }) => tool },
  { head: '', cell: ({ when }) => when },
  { head: 'CALLS', cell: ({ calls }) => calls, align: 'right' },
  { head: 'ERRORS', cell: ({ errors }) => errors, align: 'right' },
  { head: 'P50 MS', cell: ({ p50 }) => p50, align: 'right' },
  { head: 'P99 MS', cell: ({ p99 }) => p99, align: 'right' },
  { head: 'RATE', cell: ({ rate }) => rate, align: 'right' },
];
