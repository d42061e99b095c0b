/** Single steps of a node's boot: the stores, the release to run, and what an earlier life left behind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostStore, type Log } from '../host/index.ts';
import { MODULES_ANCHOR, PACKAGE_ROOT, type ReleaseStore } from '../release/index.ts';
import { emptyRam, openStore, type TableStore } from '../tables/index.ts';
import type { HomePaths } from './home.ts';
import { erlmcpRegistry } from './registry.ts';

export const ownVersion = (): string =>
  (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** Both stores, opened by the host before any runner; the `ram` tables begin empty. */
export async function openStores(paths: HomePaths): Promise<{ store: HostStore; tables: TableStore }> {
  const store = new HostStore(join(paths.data, 'host'));
  try {
    await emptyRam(paths.data);
    const tables = await openStore({ dir: paths.data, asyncOnly: true });
    await tables.attach([erlmcpRegistry]);
    return { store, tables };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The active release; at the first boot the one that is named, or the only package there is. */
export async function releaseToBoot(
  release: string | undefined,
  store: HostStore,
  releases: ReleaseStore,
): Promise<string> {
  const active = store.active();
  if (active) return active.vsn;
  const vsn = release ?? (await releases.resolveOnlyPackage());
  await releases.install(vsn);
  return vsn;
}

export const runnerEnvironment = (env: NodeJS.ProcessEnv, paths: HomePaths): NodeJS.ProcessEnv => ({
  ...env,
  ERLMCP_HOME: paths.home,
  ERLMCP_DATA: paths.data,
  ERLMCP_MODULES: MODULES_ANCHOR,
});

/** An upgrade that the host did not live to end is wholly before or wholly after its commit point; the journal says which. */
export async function settleInterrupted(store: HostStore, log: Log): Promise<void> {
  const active = store.active()?.vsn;
  for (const { value: entry } of store.journal.getRange({ reverse: true, limit: 10 })) {
    if (entry.endedAt !== undefined) continue;
    entry.endedAt = Date.now();
    entry.outcome = 'interrupted';
    await store.writeJournal(entry);
    const side = active === entry.to ? 'after its commit point' : 'before its commit point';
    log.warn(`An upgrade to ${entry.to} was interrupted ${side}`, { active });
  }
}
