/** The journal of upgrades and downgrades, the newest first. */
import type { UpgradeRow } from '../../control/index.ts';
import type { HostStore, JournalEntry } from '../../host/index.ts';

const SHOWN = 1_000;

export const upgradeRows = (store: HostStore): UpgradeRow[] =>
  [...store.journal.getRange({ reverse: true, limit: SHOWN })].map(({ value }) => rowOf(value));

const rowOf = ({ id, kind, from, to, startedAt, endedAt, ...entry }: JournalEntry): UpgradeRow => ({
  id,
  kind,
  from_version: from,
  target_version: to,
  started: new Date(startedAt).toISOString(),
  ms: endedAt === undefined ? null : Math.max(endedAt - startedAt, 0),
  phases: entry.phases as UpgradeRow['phases'],
  outcome: entry.outcome ?? 'running',
  watch: entry.watch?.ended ?? null,
  verdict: entry.watch?.verdict ?? null,
  by: entry.by ?? null,
  why: entry.why ?? null,
  reason: entry.reason ?? null,
});
