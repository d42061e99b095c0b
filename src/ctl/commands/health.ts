import type { HealthCheck, HealthResult } from '../../control/types.ts';
import { query } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { optional } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

const EXIT_CODES = { healthy: EXIT.ok, degraded: EXIT.degraded, unhealthy: EXIT.failed } as const;
const COLOURS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

export const COLUMNS: readonly Column<HealthCheck>[] = [
  { head: 'CHECK', cell: (check) => check.name },
  { head: 'STATUS', cell: (check) => check.status, style: (check) => COLOURS[check.status] },
  { head: 'VALUE', cell: (check) => optional(check.value), align: 'right' },
  { head: 'LIMIT', cell: (check) => optional(check.limit), align: 'right' },
  { head: 'MESSAGE', cell: (check) => check.message ?? '' },
];

export const command = query('health', {
  help: 'Exit code: 0 healthy, 2 degraded, 1 unhealthy.',
  render,
  exitCode: ({ status }) => EXIT_CODES[status],
});

function render({ status, score, checks, timestamp }: HealthResult, terminal: Terminal): string {
  const headline = `${terminal.style(COLOURS[status], status)}, score ${score} of 100 at ${timestamp}`;
  if (checks.length === 0) return headline;
  return `${headline}\n\n${table(terminal, checks, COLUMNS)}`;
}
