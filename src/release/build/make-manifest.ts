/** Joins what the runner bundle declares with the chains of the appup. A release whose two halves disagree is not built. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { atom, OperatorError, tuple } from '../../errors/index.ts';
import type { Chain, ChainStep } from '../../tables/types.ts';
import { mergeChains } from '../appup.ts';
import { sha256 } from '../checksum.ts';
import type { ReleaseDescription } from '../description.ts';
import type { Appups } from '../load-appup.ts';
import { MODULES_ANCHOR } from '../locations.ts';
import { APPUP_FILE, type ChainVersion, MANIFEST_FORMAT, type Manifest, RUNNER_FILE } from '../manifest.ts';
import { lensHash, shapeHash } from './lens-hash.ts';

export interface Bundles {
  runner: string;
  appup: string;
}

/** Throws `{appup_mismatch, Name}`. */
export async function makeManifest(
  description: ReleaseDescription,
  appups: Appups,
  bundles: Bundles,
): Promise<Manifest> {
  checkApplications(description, appups);
  const chains = mergeChains(Object.values(appups));
  checkNames('table', Object.keys(chains.tables), description.tables);
  checkNames('server', Object.keys(chains.servers), description.servers);
  const describedServers = description.servers.map(async (server) => ({
    ...server,
    versions: await versionsOf('server', server, chains.servers[server.name], null, bundles.appup),
  }));
  const describedTables = description.tables.map(async (table) => ({
    ...table,
    versions: await versionsOf(
      'table',
      table,
      chains.tables[table.name],
      shapeHash(table.shape),
      bundles.appup,
    ),
  }));
  const [servers, tables] = await Promise.all([Promise.all(describedServers), Promise.all(describedTables)]);
  return {
    format: MANIFEST_FORMAT,
    name: description.name,
    vsn: description.vsn,
    node: supportedNode(),
    wireVersion: description.wireVersion,
    storeVersion: description.storeVersion,
    applications: description.applications,
    servers,
    tables,
    files: { [RUNNER_FILE]: sha256(bundles.runner), [APPUP_FILE]: sha256(bundles.appup) },
  };
}

/** A chain ends at the version that the application declares; without one, that version is all there is. */
async function versionsOf(
  kind: string,
  { name, version }: { name: string; version: number },
  chain: Chain | undefined,
  shape: string | null,
  appup: string,
): Promise<ChainVersion[]> {
  const steps: readonly ChainStep[] = chain ?? [{ version }];
  const last = steps.at(-1)?.version;
  if (last !== version) {
    throw mismatch(name, `${kind} ${name} has version ${version}, and its chain ends at version ${last}`);
  }
  return await Promise.all(
    steps.map(async (step) => ({
      version: step.version,
      shape: step.version === version ? shape : null,
      lens: await lensHash(step, appup),
    })),
  );
}

function checkApplications({ applications }: ReleaseDescription, appups: Appups): void {
  for (const name of Object.keys(appups)) {
    if (!applications.some((application) => application.name === name)) {
      throw mismatch(name, `there is an appup for ${name}, which is no application of the release`);
    }
  }
}

function checkNames(kind: string, names: readonly string[], declared: readonly { name: string }[]): void {
  for (const name of names) {
    if (!declared.some((one) => one.name === name)) {
      throw mismatch(name, `there is a chain for ${kind} ${name}, which no application declares`);
    }
  }
}

const mismatch = (name: string, sentence: string): OperatorError =>
  new OperatorError(
    tuple('appup_mismatch', atom(name)),
    `${sentence}.`,
    'Make appup.ts and the applications agree.',
  );

const PackageSchema = z.object({ engines: z.object({ node: z.string() }) });

/** The range that erlmcp itself supports: its runtime is inside the bundle. */
const supportedNode = (): string =>
  PackageSchema.parse(JSON.parse(readFileSync(MODULES_ANCHOR, 'utf8'))).engines.node;
