import type { MetricsResult, ToolMetrics, VerdictRow } from '../../control/types.ts';
import { query, rowsOf, textFilter } from '../command.ts';
import { change, optional, round, seconds } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { VERDICT_COLOUR, VERDICT_TEXT, verdictCell } from '../output/verdict.ts';

interface Line {
  tool: string;
  when: 'baseline' | 'now' | 'change';
  calls: string;
  errors: string;
  p50: string;
  p99: string;
  rate: string;
  /** On the last line of a tool. */
  verdict?: VerdictRow;
}

export const COLUMNS: readonly Column<Line>[] = [
  { head: 'TOOL', cell: ({ tool }) => tool },
  { head: 'WHEN', cell: ({ when }) => when },
  { head: 'CALLS', cell: ({ calls }) => calls, align: 'right' },
  { head: 'ERRORS', cell: ({ errors }) => errors, align: 'right' },
  { head: 'P50 MS', cell: ({ p50 }) => p50, align: 'right' },
  { head: 'P99 MS', cell: ({ p99 }) => p99, align: 'right' },
  { head: 'RATE', cell: ({ rate }) => rate, align: 'right' },
  {
    head: 'VERDICT',
    cell: ({ verdict }) => (verdict ? verdictCell(verdict) : ''),
    style: ({ verdict }) => verdict && VERDICT_COLOUR[verdict],
  },
];

export const command = query('metrics', {
  help: `Each tool has a line for the baseline, frozen before the last upgrade, one for now, and one for the change, with the row
of the runbook's decision matrix that applies to it. The change of ERRORS is that of the share of calls that failed.`,
  render,
  list: rowsOf<ToolMetrics>({
    at: 'tools',
    filters: [textFilter('--tool <pattern>', 'name', ({ tool }) => tool)],
    sorts: {
      tool: ({ tool }) => tool,
      calls: ({ now }) => now.calls,
      errors: ({ now }) => now.errors,
      p99: ({ now }) => now.p99_ms,
      rate: ({ now }) => now.rate,
    },
  }),
});

function render({ baseline, now, tools, total, verdict }: MetricsResult, terminal: Terminal): string {
  const colour = VERDICT_COLOUR[verdict.row];
  const text = VERDICT_TEXT[verdict.row];
  const rows = [...tools, { tool: 'all calls', ...total }];
  return [
    baseline
      ? `baseline  ${baseline.version}, frozen at ${baseline.frozen_at} over ${seconds(baseline.window_s)}`
      : 'baseline  none',
    `now       ${now.version}, since ${now.since}, over ${seconds(now.window_s)}`,
    `verdict   ${colour ? terminal.style(colour, text) : text}`,
    `          ${verdict.reason}`,
    '',
    table(terminal, rows.flatMap(lines), COLUMNS),
  ].join('\n');
}

function lines({ tool, baseline, now, change: changed, verdict }: ToolMetrics): Line[] {
  if (!baseline) return [{ ...figures(tool, 'now', now), verdict }];
  return [
    figures(tool, 'baseline', baseline),
    figures(tool, 'now', now),
    {
      tool,
      when: 'change',
      calls: '-',
      errors: change(changed?.errors_pct),
      p50: change(changed?.p50_pct),
      p99: change(changed?.p99_pct),
      rate: change(changed?.rate_pct),
      verdict,
    },
  ];
}

function figures(tool: string, when: Line['when'], values: ToolMetrics['now']): Line {
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
