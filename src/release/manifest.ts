/** `manifest.json` of a package: parsed once here, trusted inside. */
import semver from 'semver';
import { z } from 'zod';
import { OperatorError, tuple } from '../errors/index.ts';
import { ReleaseDescriptionSchema, TableDescriptionSchema } from './description.ts';
import { STORE_VERSION, WIRE_VERSION } from './versions.ts';

export const MANIFEST_FORMAT = 1;
export const MANIFEST_FILE = 'manifest.json';
export const RUNNER_FILE = 'runner.mjs';
export const APPUP_FILE = 'appup.mjs';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');

/**
 * One step of a chain. `shape` is the hash of the row's JSON Schema and stands only at the version that the release
 * itself declares (older schemas are not in its source); `lens` is the hash of the lens and all code that it reaches.
 * Two releases are compared in what both of them state.
 */
const ChainVersionSchema = z.strictObject({
  version: z.int().positive(),
  shape: digest.nullable(),
  lens: digest.nullable(),
});

const vsn = z.string().refine((value) => semver.valid(value) === value, 'a semantic version such as 3.0.0');

export const ManifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  name: z.string().min(1),
  vsn,
  /** Range of Node versions that the bundle runs on. */
  node: z.string().refine((value) => semver.validRange(value) !== null, 'a range of Node versions'),
  wireVersion: z.int().positive(),
  storeVersion: z.int().positive(),
  applications: ReleaseDescriptionSchema.shape.applications,
  servers: z.array(
    z.strictObject({
      application: z.string(),
      name: z.string(),
      version: z.int().positive(),
      versions: z.array(ChainVersionSchema).min(1),
    }),
  ),
  tables: z.array(TableDescriptionSchema.extend({ versions: z.array(ChainVersionSchema).min(1) })),
  /** SHA-256 of each other file of the package. */
  files: z.strictObject({ [RUNNER_FILE]: digest, [APPUP_FILE]: digest }),
});

export type Manifest = z.infer<typeof ManifestSchema>;
export type ChainVersion = z.infer<typeof ChainVersionSchema>;
export type ManifestTable = Manifest['tables'][number];
export type ManifestServer = Manifest['servers'][number];

/** @returns the manifest, or the first thing that is wrong with the text, with its path. */
export function parseManifest(text: string): { manifest: Manifest } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `${MANIFEST_FILE} is no JSON: ${error instanceof Error ? error.message : error}` };
  }
  const parsed = ManifestSchema.safeParse(json);
  return parsed.success
    ? { manifest: parsed.data }
    : { problem: `${MANIFEST_FILE} ${firstIssue(parsed.error)}` };
}

/** `at tables[0].version: …`: the first issue of a zod error. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not valid';
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return path === '' ? issue.message : `at ${path}: ${issue.message}`;
}

/** Throws unless this Node, and a host with these wire and store versions, can run the release. */
export function checkRunsHere(manifest: Manifest, node: string = process.versions.node): void {
  const { vsn, wireVersion, storeVersion } = manifest;
  if (!semver.satisfies(node, manifest.node)) {
    throw new OperatorError(
      tuple('node_version_unsupported', node, manifest.node),
      `release ${vsn} does not run on this version of Node.`,
      'Start the node with a Node.js of that range, then try again.',
    );
  }
  if (wireVersion !== WIRE_VERSION || storeVersion !== STORE_VERSION) {
    throw new OperatorError(
      tuple('host_version_mismatch', vsn, {
        wire: [wireVersion, WIRE_VERSION],
        store: [storeVersion, STORE_VERSION],
      }),
      `release ${vsn} was built for another version of the host (each pair: the release's, this host's).`,
      'Build the release with the erlmcp that runs here, or install the erlmcp that it was built with.',
    );
  }
}
