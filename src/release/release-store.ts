/** The releases that are installed in a home. Only whole, sound folders are ever handed out. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';
import { OperatorError, tuple } from '../errors/index.ts';
import { sha256 } from './checksum.ts';
import {
  type InspectedPackage,
  type Installed,
  type InstallOptions,
  inspectPackage,
  installPackage,
} from './install.ts';
import { type Appups, loadAppupFile } from './load-appup.ts';
import { packagesFolder, releaseFolder, releasesFolder, vsnOfPackage } from './locations.ts';
import { APPUP_FILE, MANIFEST_FILE, type Manifest, parseManifest, RUNNER_FILE } from './manifest.ts';

export interface InstalledRelease {
  vsn: string;
  folder: string;
  /** Absolute paths of the bundles. */
  runner: string;
  appup: string;
  manifest: Manifest;
}

export class ReleaseStore {
  readonly home: string;
  readonly #trustedKeys: readonly string[];

  /** @param trustedKeys public keys, one of which has to have signed each package; none: no signature is asked for */
  constructor(home: string, trustedKeys: readonly string[] = []) {
    this.home = home;
    this.#trustedKeys = trustedKeys;
  }

  /** Installed versions, oldest first. */
  async list(): Promise<string[]> {
    const entries = await readdir(releasesFolder(this.home), { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return names.filter((name) => semver.valid(name) === name).sort(semver.compare);
  }

  /** An installed release, its files compared with the manifest's digests. Throws `{release_not_installed, Vsn}` or `{release_damaged, Vsn, File}`. */
  async get(vsn: string): Promise<InstalledRelease> {
    const folder = releaseFolder(this.home, vsn);
    const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch((cause: unknown) => {
      throw new OperatorError(
        tuple('release_not_installed', vsn),
        `release ${vsn} is not installed in ${this.home}.`,
        `Put its package and .sha256 into ${packagesFolder(this.home)} and install it.`,
        { cause },
      );
    });
    const parsed = parseManifest(text);
    if ('problem' in parsed) throw damaged(vsn, MANIFEST_FILE, parsed.problem);
    const { manifest } = parsed;
    if (manifest.vsn !== vsn) throw damaged(vsn, MANIFEST_FILE, `it says version ${manifest.vsn}`);
    for (const name of [RUNNER_FILE, APPUP_FILE] as const) {
      const content = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
      if (sha256(content) !== manifest.files[name])
        throw damaged(vsn, name, 'its digest is not that of the manifest');
    }
    return { vsn, folder, manifest, runner: join(folder, RUNNER_FILE), appup: join(folder, APPUP_FILE) };
  }

  async manifest(vsn: string): Promise<Manifest> {
    return (await this.get(vsn)).manifest;
  }

  /** Manifests of all installed releases, oldest first; damaged ones are left out. */
  async manifests(): Promise<Manifest[]> {
    const found = await Promise.all(
      (await this.list()).map((vsn) => this.manifest(vsn).catch(() => undefined)),
    );
    return found.filter((manifest) => manifest !== undefined);
  }

  async loadAppup(vsn: string): Promise<Appups> {
    return await loadAppupFile((await this.get(vsn)).appup);
  }

  inspect(vsn: string): Promise<InspectedPackage> {
    return inspectPackage(this.home, vsn, this.#trustedKeys);
  }

  install(vsn: string, options: Omit<InstallOptions, 'trustedKeys'> = {}): Promise<Installed> {
    return installPackage(this.home, vsn, { ...options, trustedKeys: this.#trustedKeys });
  }

  /** Versions that have a package in `packages/`, oldest first. */
  async packages(): Promise<string[]> {
    const names = await readdir(packagesFolder(this.home)).catch(() => []);
    return names
      .map(vsnOfPackage)
      .filter((vsn) => vsn !== undefined)
      .filter((vsn) => semver.valid(vsn) === vsn)
      .sort(semver.compare);
  }

  /** The version of the one package in `packages/`: what a first boot takes that names none. */
  async resolveOnlyPackage(): Promise<string> {
    const [only, ...others] = await this.packages();
    const folder = packagesFolder(this.home);
    if (only === undefined) {
      throw new OperatorError(
        tuple('no_package', folder),
        'there is no release package to start with.',
        'Build one with `erlmcp release build <source>`, or `npm run releases` for the reference release.',
      );
    }
    if (others.length > 0) {
      throw new OperatorError(
        tuple('several_packages', [only, ...others]),
        `${folder} holds more than one package.`,
        `Name the version to start with: \`erlmcp start --release ${only}\`.`,
      );
    }
    return only;
  }
}

const damaged = (vsn: string, file: string, problem: string): OperatorError =>
  new OperatorError(
    tuple('release_damaged', vsn, file),
    `a file of the installed release is not what was installed (${problem}).`,
    `Remove the folder releases/${vsn} and install its package again.`,
  );
