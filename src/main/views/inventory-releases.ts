/** Installed releases as OTP's RELEASES has them: their status follows from the active release, its watch, and the journal. */
import type { ReleaseRow } from '../../control/index.ts';
import type { ActiveRelease, HostStore } from '../../host/index.ts';
import { type ReleaseStore, type ReleaseSummary, releaseSummaries } from '../../release/index.ts';

/** Operations of a node, the last ones; each upgrade of its life is one. */
const JOURNAL_LIMIT = 1_000;

type Status = ReleaseRow['status'];

export async function listReleases(releases: ReleaseStore, store: HostStore): Promise<ReleaseRow[]> {
  const summaries = await releaseSummaries(releases);
  const active = store.active();
  const ran = versionsThatRan(store);
  return summaries.map((summary) => rowOf(summary, statusOf(summary.vsn, active, ran)));
}

function rowOf({ vsn, manifest, package: packaged, bytes, installed }: ReleaseSummary, status: Status) {
  return {
    name: manifest?.name ?? null,
    vsn,
    status: manifest ? status : ('damaged' as const),
    applications: (manifest?.applications ?? []).map(
      (application) => `${application.name}-${application.vsn}`,
    ),
    package: packaged,
    bytes,
    installed: installed.toISOString(),
  };
}

function statusOf(vsn: string, active: ActiveRelease | undefined, ran: ReadonlySet<string>): Status {
  const watched = active?.watchUntil !== undefined;
  if (vsn === active?.vsn) return watched ? 'current' : 'permanent';
  if (vsn === active?.previous) return watched ? 'permanent' : 'old';
  return ran.has(vsn) ? 'old' : 'unpacked';
}

/** All that served, but those that were taken back by the operation that brought them. A dry run ends before it switches. */
function versionsThatRan(store: HostStore): Set<string> {
  const ran = new Set<string>();
  for (const { value } of store.journal.getRange({ reverse: true, limit: JOURNAL_LIMIT })) {
    ran.add(value.from);
    const switched = value.phases.some(({ phase }) => phase === 'migrate_data');
    if (switched && value.outcome === 'completed') ran.add(value.to);
  }
  return ran;
}
