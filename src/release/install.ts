/**
 * Installs a package into `releases/<vsn>`. The folder appears whole by one rename, or not at all; an installed
 * release that is in use is never exchanged.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';
import { sha256, verifyPackage } from './checksum.ts';
import { packageName, packagePath, releaseFolder, releasesFolder } from './locations.ts';
import { APPUP_FILE, MANIFEST_FILE, type Manifest, RUNNER_FILE } from './manifest.ts';
import { verifySignature } from './signature.ts';
import { type UnpackedPackage, unpackPackage } from './unpack.ts';

export interface InstallOptions {
  /** Versions that a runner runs, or may be sent back to: their folders are left as they are. */
  inUse?: readonly string[];
  /** Public keys, one of which has to have signed the package. Default none: no signature is asked for. */
  trustedKeys?: readonly string[];
}

export interface InspectedPackage extends UnpackedPackage {
  /** Fingerprint of the key that has signed it; undefined where no signature is asked for. */
  signedBy: string | undefined;
}

export interface Installed {
  manifest: Manifest;
  folder: string;
  /** False: this very package was installed already. */
  changed: boolean;
}

/** Verifies and reads the package of a version without installing it. */
export async function inspectPackage(
  home: string,
  vsn: string,
  trustedKeys: readonly string[] = [],
): Promise<InspectedPackage> {
  const verified = await verifyPackage(packagePath(home, vsn));
  // Before anything in it is read.
  const signedBy = await verifySignature(verified, vsn, trustedKeys);
  const unpacked = await unpackPackage(verified);
  if (unpacked.manifest.vsn !== vsn) {
    throw new OperatorError(
      tuple('bad_package', verified.file, tuple('wrong_version', unpacked.manifest.vsn)),
      `the package says that it is version ${unpacked.manifest.vsn}.`,
      'Rename it to the version that it holds, with its .sha256.',
    );
  }
  return { ...unpacked, signedBy };
}

/** Idempotent. Throws `OperatorError`, with nothing installed, if the package is not sound. */
export async function installPackage(
  home: string,
  vsn: string,
  options: InstallOptions = {},
): Promise<Installed> {
  const { manifest, files } = await inspectPackage(home, vsn, options.trustedKeys);
  const folder = releaseFolder(home, vsn);
  const state = await compareInstalled(folder, files);
  if (state === 'same') return { manifest, folder, changed: false };
  if (state === 'differs' && options.inUse?.includes(vsn)) {
    throw new OperatorError(
      tuple('release_in_use', vsn),
      `${packageName(vsn)} is another build than the ${vsn} that is installed and in use.`,
      'Give the new build a version of its own, or go to another version first.',
    );
  }
  await placeFolder(home, folder, files);
  return { manifest, folder, changed: true };
}

async function compareInstalled(
  folder: string,
  files: UnpackedPackage['files'],
): Promise<'absent' | 'same' | 'differs'> {
  const digests = await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      const installed = await readFile(join(folder, name)).catch(() => undefined);
      return installed === undefined ? 'absent' : sha256(installed) === sha256(content) ? 'same' : 'differs';
    }),
  );
  if (digests.every((digest) => digest === 'absent')) return 'absent';
  return digests.every((digest) => digest === 'same') ? 'same' : 'differs';
}

async function placeFolder(home: string, folder: string, files: UnpackedPackage['files']): Promise<void> {
  const tag = randomBytes(6).toString('hex');
  const fresh = join(releasesFolder(home), `.installing-${tag}`);
  const old = join(releasesFolder(home), `.replaced-${tag}`);
  try {
    await mkdir(fresh, { recursive: true });
    for (const name of [RUNNER_FILE, APPUP_FILE, MANIFEST_FILE] as const) {
      await writeDurably(join(fresh, name), files[name]);
    }
    await syncFolder(fresh);
    await rename(folder, old).catch(ignoreMissing);
    await rename(fresh, folder);
    await syncFolder(releasesFolder(home));
  } catch (cause) {
    throw new OperatorError(
      tuple('install_failed', folder),
      `the release can not be written (${cause instanceof Error ? cause.message : cause}).`,
      'Check space and permissions of the releases folder, then try again.',
      { cause },
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
