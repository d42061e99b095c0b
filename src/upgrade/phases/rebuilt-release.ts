/**
 * Another build of a version that is installed already, as after a failed attempt: it may say something else of a table
 * version only while no row of that version exists. Settled before the old build's manifest is replaced, which alone can tell.
 */
import {
  changedVersions,
  checkRebuilt,
  type InstalledRelease,
  type Manifest,
  type RowVersions,
} from '../../release/index.ts';
import type { Run, UpgradeDeps } from '../types.ts';

/** Throws `{table_shape_changed, Table, Version}`. Rows are read only where the builds differ. */
export async function checkRebuiltRelease(run: Run, next: Manifest, deps: UpgradeDeps): Promise<void> {
  const installed = await deps.releases.manifests();
  const before = installed.find(({ vsn }) => vsn === next.vsn);
  if (before === undefined) return;
  const tables = Object.keys(changedVersions(before, next));
  if (tables.length === 0) return;
  checkRebuilt(before, next, await storedVersions(run, tables, deps));
}

/** Tables that only a failed build has declared, and never had a row, may come again with another key field, type or storage. */
export async function forgetFailedTables(
  run: Run,
  target: InstalledRelease,
  deps: UpgradeDeps,
): Promise<void> {
  const loaded = [...deps.fleet.runners].filter(({ state }) => state !== 'starting');
  const inUse = new Set(loaded.flatMap(({ declaration }) => declaration.tables.map(({ name }) => name)));
  for (const table of target.manifest.tables) {
    if (!inUse.has(table.name) && (await deps.forgetIfOther(table)))
      deps.log.info(
        `The table ${table.name} of an earlier build of ${run.version} was empty, and is made anew`,
      );
  }
}

/** In a process of its own, which knows the running release's tables. */
async function storedVersions(run: Run, tables: string[], { fleet }: UpgradeDeps): Promise<RowVersions> {
  const reader = await fleet.spawn(run.from, 'check', run.signal);
  try {
    const { reports } = await reader.call(
      'verifyRows',
      { tables },
      Math.max(1, run.deadline - performance.now()),
    );
    return Object.fromEntries(
      reports.map(({ table, versions }) => [table, Object.keys(versions).map(Number)]),
    );
  } finally {
    reader.kill('the versions of the rows are known');
    await reader.ended;
  }
}
