import type { InstalledRelease } from '../release/index.ts';
import type { TableTarget } from '../wire/index.ts';

/** The version of each table that a release declares. */
export const tableVersions = (release: InstalledRelease): Record<string, number> =>
  Object.fromEntries(release.manifest.tables.map((table) => [table.name, table.version]));

/** The same with the schemas of the rows: what a write has to be for that release to read it. */
export const tableTargets = (release: InstalledRelease): Record<string, TableTarget> =>
  Object.fromEntries(release.manifest.tables.map(({ name, version, shape }) => [name, { version, shape }]));
