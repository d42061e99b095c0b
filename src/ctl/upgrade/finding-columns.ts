import type { Finding } from '../../control/types.ts';
import { optional } from '../output/format.ts';
import type { Column } from '../output/table.ts';

const COLOURS = { passed: 'green', warning: 'yellow', failed: 'red', skipped: undefined } as const;

/** What pre-flight or the verification found. */
export const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { head: 'CHECK', cell: ({ name }) => name },
  { head: 'STATUS', cell: ({ status }) => status, style: ({ status }) => COLOURS[status] },
  { head: 'VALUE', cell: ({ value }) => optional(value), align: 'right' },
  { head: 'LIMIT', cell: ({ limit }) => optional(limit), align: 'right' },
  { head: 'MESSAGE', cell: ({ message }) => message ?? '' },
];
