import type { Fields } from './data.ts';

/** The rule of write-back: per field what is wanted where that differs from what was there before, else what `newer` has. */
export function mergeFields(
  wanted: Fields,
  before: Fields,
  newer: Fields,
  equal: (a: unknown, b: unknown) => boolean,
): Fields {
  const result: Record<string, unknown> = { ...newer };
  for (const field of new Set([...Object.keys(wanted), ...Object.keys(before)])) {
    if (equal(wanted[field], before[field])) continue;
    if (wanted[field] === undefined) delete result[field];
    else result[field] = wanted[field];
  }
  return result;
}
