/** `erlmcp stdio`. Reads its one setting itself: the configuration's own reader is too heavy to start a bridge with. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runBridge } from '../bridge/index.ts';

const DEFAULT_OFFLINE_S = 30;

export async function stdio(_args: string[]): Promise<number> {
  const home = resolve(process.env.ERLMCP_HOME || process.cwd());
  const { stdin, stdout, stderr } = process;
  const code = await runBridge({ home, stdin, stdout, stderr, offlineMs: offlineSeconds(home) * 1_000 });
  // Sockets that wait for a node that is down would keep the process.
  process.exit(code);
}

/** `timeouts.stdio_offline_s`; a file that the node would refuse is not this command's to judge. */
function offlineSeconds(home: string): number {
  const fromEnvironment = Number(process.env.ERLMCP_TIMEOUTS_STDIO_OFFLINE_S);
  if (fromEnvironment > 0) return fromEnvironment;
  try {
    const file = JSON.parse(readFileSync(join(home, 'erlmcp.json'), 'utf8')) as {
      timeouts?: { stdio_offline_s?: unknown };
    };
    const value = file.timeouts?.stdio_offline_s;
    return typeof value === 'number' && value > 0 ? value : DEFAULT_OFFLINE_S;
  } catch {
    return DEFAULT_OFFLINE_S;
  }
}
