/**
 * Is there a way from one release to another over all state that exists, and whose lenses lead along it?
 * The newer release's chains do, in both directions; rows that are newer than both need a third, installed release.
 */
import semver from 'semver';
import { atom, OperatorError, type Tuple, tuple } from '../errors/index.ts';
import type { ChainVersion, Manifest, ManifestTable } from './manifest.ts';

/** Versions of the rows that are stored now, by table. A table that is left out holds none that differ from the running release's. */
export type RowVersions = Readonly<Record<string, readonly number[]>>;

export interface TableStep {
  name: string;
  /** Version that the running release writes; null: it does not have the table. */
  from: number | null;
  to: number | null;
  /** Version of the release whose appup holds the chain to use. */
  chainOf: string;
}

export interface ServerStep {
  name: string;
  /** null: the running release does not have the server, it starts from `init`. */
  from: number | null;
  /** null: the target does not have the server, it stays behind and ends with its last lingering call. */
  to: number | null;
}

export interface UpgradePlan {
  direction: 'up' | 'down';
  from: string;
  to: string;
  tables: TableStep[];
  servers: ServerStep[];
}

/**
 * @param rowVersions versions of rows present; left out, each table is taken to hold rows of the running release's version.
 * @param installed other releases whose chains may be used for rows newer than both releases.
 * Throws `{no_upgrade_path, From, To}` and the refusals of {@link checkTable}.
 */
export function planPath(
  running: Manifest,
  target: Manifest,
  rowVersions: RowVersions = {},
  installed: readonly Manifest[] = [],
): UpgradePlan {
  if (running.name !== target.name) {
    throw new OperatorError(
      tuple('different_release', running.name, target.name),
      `the node runs the release ${running.name}, and the package holds ${target.name}.`,
      'Upgrade to a version of the same release, or start a node with a home of its own.',
    );
  }
  const direction = semver.lt(target.vsn, running.vsn) ? 'down' : 'up';
  const newest = direction === 'up' ? [target, running] : [running, target];
  return {
    direction,
    from: running.vsn,
    to: target.vsn,
    tables: planTables(running, target, [...newest, ...newestFirst(installed)], rowVersions),
    servers: planServers(running, target, newest[0] ?? target),
  };
}

const newestFirst = (manifests: readonly Manifest[]): Manifest[] =>
  [...manifests].sort((a, b) => semver.rcompare(a.vsn, b.vsn));

function planTables(
  running: Manifest,
  target: Manifest,
  candidates: readonly Manifest[],
  rowVersions: RowVersions,
): TableStep[] {
  return namesOf(running.tables, target.tables).map((name) => {
    const [old, next] = [tableOf(running, name), tableOf(target, name)];
    const present = rowVersions[name] ?? (old === undefined ? [] : [old.version]);
    if (old !== undefined && next !== undefined) checkTable(old, next, present);
    const needed = [...present, old?.version, next?.version].filter((version) => version !== undefined);
    const holder = candidates.find((manifest) => reaches(tableOf(manifest, name)?.versions, needed));
    if (holder === undefined) {
      throw noPath(
        running,
        target,
        `table ${name} holds or needs versions ${[...new Set(needed)].sort((a, b) => a - b).join(', ')}`,
      );
    }
    checkChain(name, [old, next], tableOf(holder, name), present);
    return { name, from: old?.version ?? null, to: next?.version ?? null, chainOf: holder.vsn };
  });
}

function planServers(running: Manifest, target: Manifest, newer: Manifest): ServerStep[] {
  return namesOf(running.servers, target.servers).map((name) => {
    const from = serverOf(running, name)?.version ?? null;
    const to = serverOf(target, name)?.version ?? null;
    if (from !== null && to !== null && !reaches(serverOf(newer, name)?.versions, [from, to])) {
      throw noPath(running, target, `server ${name} has no lens between its versions ${from} and ${to}`);
    }
    return { name, from, to };
  });
}

const reaches = (chain: readonly ChainVersion[] | undefined, needed: readonly number[]): boolean =>
  chain !== undefined && needed.every((version) => chain.some((step) => step.version === version));

/** Lenses change neither key nor storage nor type: a table that differs in these is another table. */
function checkTable(old: ManifestTable, next: ManifestTable, present: readonly number[]): void {
  for (const field of ['key', 'storage', 'type'] as const) {
    if (old[field] !== next[field]) {
      throw new OperatorError(
        tuple('table_redefined', atom(old.name), atom(field), old[field], next[field]),
        `a table keeps its ${field} for life.`,
        'Give the new table a name of its own and copy the rows in the application.',
      );
    }
  }
  checkSame(old, next, present);
}

function checkChain(
  name: string,
  releases: readonly (ManifestTable | undefined)[],
  holder: ManifestTable | undefined,
  present: readonly number[],
): void {
  for (const release of releases) {
    if (release !== undefined && holder !== undefined) checkSame(release, { ...holder, name }, present);
  }
}

/** A version that stored rows have means one thing: what two releases say of its shape and lens must agree. */
function checkSame(one: ManifestTable, other: ManifestTable, present: readonly number[]): void {
  for (const mine of one.versions.filter(({ version }) => present.includes(version))) {
    const theirs = other.versions.find(({ version }) => version === mine.version);
    if (theirs !== undefined && (differs(mine.shape, theirs.shape) || differs(mine.lens, theirs.lens))) {
      throw new OperatorError(
        tuple('table_shape_changed', atom(one.name), mine.version),
        `both releases call it version ${mine.version}, but its ${differs(mine.shape, theirs.shape) ? 'schema' : 'lens'} differs, and rows of that version exist.`,
        `Give the changed table version ${mine.version + 1} with a lens from ${mine.version}.`,
      );
    }
  }
}

/** By table, the versions of which two builds of one release say different things. */
export function changedVersions(before: Manifest, next: Manifest): Record<string, number[]> {
  const changed: Record<string, number[]> = {};
  for (const { name, versions } of next.tables) {
    const known = tableOf(before, name)?.versions ?? [];
    const others = versions.filter((mine) => known.some((theirs) => saysOther(mine, theirs)));
    if (others.length > 0) changed[name] = others.map(({ version }) => version);
  }
  return changed;
}

/** Throws `{table_shape_changed, Table, Version}` where rows exist of a version that the two builds differ in. */
export function checkRebuilt(before: Manifest, next: Manifest, present: RowVersions): void {
  for (const table of next.tables) {
    const other = tableOf(before, table.name);
    if (other !== undefined) checkSame(table, other, present[table.name] ?? []);
  }
}

const saysOther = (mine: ChainVersion, theirs: ChainVersion): boolean =>
  mine.version === theirs.version && (differs(mine.shape, theirs.shape) || differs(mine.lens, theirs.lens));

const differs = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one !== other;

const tableOf = (manifest: Manifest, name: string): ManifestTable | undefined =>
  manifest.tables.find((table) => table.name === name);

const serverOf = (manifest: Manifest, name: string) =>
  manifest.servers.find((server) => server.name === name);

const namesOf = (...lists: readonly (readonly { name: string }[])[]): string[] =>
  [...new Set(lists.flat().map(({ name }) => name))].sort();

function noPath(running: Manifest, target: Manifest, why: string): OperatorError {
  const term: Tuple = tuple('no_upgrade_path', running.vsn, target.vsn);
  return new OperatorError(
    term,
    `${why}, which no appup reaches.`,
    'Go by a release in between, or build one whose appup.ts has the missing steps.',
  );
}
