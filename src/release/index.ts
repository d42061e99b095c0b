/**
 * Packages and installed releases, for the host's side. The runner imports single modules of this folder instead,
 * so that its bundle carries neither tar nor semver.
 */
export { type Appup, appupProblem, mergeChains } from './appup.ts';
export { sha256, type VerifiedPackage, verifyPackage } from './checksum.ts';
export {
  type ReleaseDescription,
  ReleaseDescriptionSchema,
  type TableDescription,
} from './description.ts';
export { type Installed, type InstallOptions, inspectPackage, installPackage } from './install.ts';
export { type Appups, loadAppupFile } from './load-appup.ts';
export {
  MODULES_ANCHOR,
  PACKAGE_ROOT,
  packageName,
  packagePath,
  packagesFolder,
  releaseFolder,
  releasesFolder,
} from './locations.ts';
export {
  type ChainVersion,
  checkRunsHere,
  type Manifest,
  type ManifestServer,
  type ManifestTable,
  parseManifest,
} from './manifest.ts';
export {
  changedVersions,
  checkRebuilt,
  planPath,
  type RowVersions,
  type ServerStep,
  type TableStep,
  type UpgradePlan,
} from './plan-path.ts';
export { type InstalledRelease, ReleaseStore } from './release-store.ts';
export { type ReleaseSummary, releaseSummaries } from './release-summary.ts';
export { isSignatureRefusal } from './signature.ts';
export { type UnpackedPackage, unpackPackage } from './unpack.ts';
export { STORE_VERSION, WIRE_VERSION } from './versions.ts';
