import type { Tasks } from './tasks.ts';

/** Damaged rows by table, as the last full look found them, whether anybody has read them since or not; none of a table restored since. */
export function knownDamage({ results }: Tasks): Map<string, number> {
  const damage = new Map<string, number>();
  for (const result of results) {
    if (result.kind === 'verify') for (const { table, damaged } of result.tables) damage.set(table, damaged);
    if (result.kind === 'restore') for (const { table } of result.tables) damage.delete(table);
  }
  return damage;
}
