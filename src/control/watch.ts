import { z } from 'zod';
import { Seconds } from './values.ts';

/** A row of the runbook's decision matrix, or why none applies. */
export const VerdictRow = z.enum([
  'no_baseline',
  'not_enough_data',
  'monitor',
  'investigate',
  'immediate_rollback',
]);

export const Watch = z.strictObject({
  active: z.boolean(),
  /** 0 when none is active. */
  remaining_s: Seconds,
  /** Null when there has been none since the node's home was made. */
  verdict: VerdictRow.nullable(),
  /** How the last one ended; null while one is active, or when there was none. */
  ended: z.enum(['passed', 'accepted', 'rolled_back', 'superseded']).nullable(),
});
