/** The rows of the runbook's decision matrix, and why none may apply. */
export type Row = 'not_enough_data' | 'monitor' | 'investigate' | 'immediate_rollback';

/** Factors of the baseline at which the rows begin. "Latency > 2x" of the runbook lies within the last. */
export const INVESTIGATE_FROM = 1.1;
export const ROLLBACK_FROM = 1.5;

const SEVERITY: readonly Row[] = ['not_enough_data', 'monitor', 'investigate', 'immediate_rollback'];

export function worst(rows: readonly Row[]): Row {
  return rows.reduce<Row>((a, b) => (SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a), 'not_enough_data');
}

/** At most `row`. */
export function cap(found: Row, row: Row): Row {
  return SEVERITY.indexOf(found) > SEVERITY.indexOf(row) ? row : found;
}
