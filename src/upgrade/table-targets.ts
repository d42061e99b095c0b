import type { InstalledRelease } from '../release/index.ts';

/** The version of each table that a release declares. */
export const tableTargets = (release: InstalledRelease): Record<string, number> =>
  Object.fromEntries(release.manifest.tables.map((table) => [table.name, table.version]));
