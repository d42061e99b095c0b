/** The home folder of a node: one running node a home, and everything that it writes lies below. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';

export const FOLDERS = ['releases', 'packages', 'data', 'backups', 'log', 'run'] as const;

export type HomePaths = Readonly<Record<(typeof FOLDERS)[number] | 'home', string>>;

export const homeOf = (env: NodeJS.ProcessEnv): string => resolve(env.ERLMCP_HOME || process.cwd());

export function pathsOf(home: string): HomePaths {
  const paths: Record<string, string> = { home };
  for (const folder of FOLDERS) paths[folder] = join(home, folder);
  return paths as HomePaths;
}

/** Makes the folders. Throws `{home_not_writable, Path}`. */
export function prepareHome(home: string): HomePaths {
  const paths = pathsOf(home);
  for (const path of Object.values(paths)) {
    try {
      mkdirSync(path, { recursive: true, mode: path === paths.run || path === paths.data ? 0o700 : 0o755 });
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new OperatorError(
        tuple('home_not_writable', path),
        `The home folder can not be written: ${(cause as Error).message}.`,
        'Give this user the right to write there, or name another folder in ERLMCP_HOME.',
        { cause },
      );
    }
  }
  return paths;
}
