import type { VerdictRow } from '../../control/types.ts';

/** The rows of the runbook's decision matrix, in its words, and why none may apply. */
export const VERDICT_TEXT: Readonly<Record<VerdictRow, string>> = {
  no_baseline: 'no baseline yet: it is taken before an upgrade',
  not_enough_data: 'not enough data',
  monitor: 'Degradation < 10% -> Monitor, no action',
  investigate: 'Degradation 10-50% -> Investigate, consider rollback',
  immediate_rollback: 'Degradation > 50% -> Immediate rollback',
};

/** Where a row of the table has it: why there is no verdict at all stands above the table. */
export const verdictCell = (row: VerdictRow): string => (row === 'no_baseline' ? '-' : VERDICT_TEXT[row]);

export const VERDICT_COLOUR: Readonly<Record<VerdictRow, 'green' | 'yellow' | 'red' | undefined>> = {
  no_baseline: undefined,
  not_enough_data: undefined,
  monitor: 'green',
  investigate: 'yellow',
  immediate_rollback: 'red',
};
