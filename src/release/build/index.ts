/** Building packages from sources. Apart from `release/index.ts`, so that a running node loads no bundler. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadAppupFile } from '../load-appup.ts';
import { packageName } from '../locations.ts';
import { APPUP_FILE, MANIFEST_FILE, type Manifest, RUNNER_FILE } from '../manifest.ts';
import { readSigningKey } from '../signature.ts';
import { bundleAppup, bundleRunner } from './bundle.ts';
import { makeManifest } from './make-manifest.ts';
import { writePackage } from './pack.ts';
import { readReleaseSource } from './release-source.ts';
import { runDescribe } from './run-describe.ts';

export interface BuildOptions {
  /** Folder for the package and its checksum; made if missing. */
  out: string;
  /** PEM file of an Ed25519 private key: the signature is put beside the package. Default: there is none. */
  sign?: string | undefined;
}

export interface BuiltRelease {
  vsn: string;
  /** Path of the package; its checksum is beside it. */
  path: string;
  sha256: string;
  manifest: Manifest;
}

/** Builds `erlmcp-<vsn>.tar.gz` of a release's source folder. Throws `OperatorError`, with nothing written. */
export async function buildRelease(sourceFolder: string, { out, sign }: BuildOptions): Promise<BuiltRelease> {
  const key = sign === undefined ? undefined : await readSigningKey(sign);
  const source = await readReleaseSource(sourceFolder);
  const scratch = await mkdtemp(join(tmpdir(), 'erlmcp-build-'));
  try {
    const bundles = { runner: await bundleRunner(source), appup: await bundleAppup(source) };
    await writeFile(join(scratch, RUNNER_FILE), bundles.runner);
    await writeFile(join(scratch, APPUP_FILE), bundles.appup);
    const appups = await loadAppupFile(join(scratch, APPUP_FILE));
    const manifest = await makeManifest(await runDescribe(join(scratch, RUNNER_FILE)), appups, bundles);
    const files = {
      [MANIFEST_FILE]: `${JSON.stringify(manifest, undefined, 2)}\n`,
      [RUNNER_FILE]: bundles.runner,
      [APPUP_FILE]: bundles.appup,
    };
    await mkdir(out, { recursive: true });
    const path = join(resolve(out), packageName(source.vsn));
    return { vsn: source.vsn, path, manifest, sha256: await writePackage(files, scratch, path, key) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
