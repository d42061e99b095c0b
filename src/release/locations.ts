/** Where things of a release lie in a node's home, and where erlmcp's own package lies. */
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of erlmcp's package: this file is in `src/release` in development and in `dist/release` once built. */
export const PACKAGE_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A file inside erlmcp's package, from which a runner resolves the node's own `lmdb`: value of `ERLMCP_MODULES`. */
export const MODULES_ANCHOR = join(PACKAGE_ROOT, 'package.json');

const EXTENSION = extname(fileURLToPath(import.meta.url));

/** A module of erlmcp, from its path under the sources and without extension: the source, or what was built of it. */
export const ownModule = (path: string): string =>
  join(PACKAGE_ROOT, EXTENSION === '.ts' ? 'src' : 'dist', `${path}${EXTENSION}`);

export const packageName = (vsn: string): string => `erlmcp-${vsn}.tar.gz`;
export const packagesFolder = (home: string): string => join(home, 'packages');
export const packagePath = (home: string, vsn: string): string =>
  join(packagesFolder(home), packageName(vsn));
export const releasesFolder = (home: string): string => join(home, 'releases');
export const releaseFolder = (home: string, vsn: string): string => join(releasesFolder(home), vsn);

/** The version in a package's file name; undefined if it is no such name. */
export const vsnOfPackage = (file: string): string | undefined => /^erlmcp-(.+)\.tar\.gz$/.exec(file)?.[1];
