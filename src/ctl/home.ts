import { join, resolve } from 'node:path';

/** A node's home: `--home` over ERLMCP_HOME over the current folder. */
export const homeFolder = (option: string | undefined): string =>
  resolve(option || process.env.ERLMCP_HOME || '.');

export const controlSocket = (home: string): string => join(home, 'run', 'erlmcp.sock');
