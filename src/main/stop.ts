/** `erlmcp stop`: ends the node of this home in order, and waits until it is gone. */
import { setTimeout as pause } from 'node:timers/promises';
import { homeOf, pathsOf } from './home.ts';
import { runningNode } from './pid-file.ts';

/** Longer than a node takes that waits for its requests and stops its runners. */
const DEADLINE_MS = 30_000;

export async function stop(_args: string[]): Promise<number> {
  const { home, run } = pathsOf(homeOf(process.env));
  const pid = runningNode(run);
  if (pid === undefined) {
    process.stdout.write(`No node runs in ${home}.\n`);
    return 0;
  }
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + DEADLINE_MS;
  while (runningNode(run) === pid) {
    if (Date.now() > deadline) {
      process.stderr.write(
        `erlmcp: {timeout, stop}: process ${pid} still runs after ${DEADLINE_MS / 1_000} s. See ${home}/log/erlmcp.log.\n`,
      );
      return 124;
    }
    await pause(50);
  }
  process.stdout.write(`The node in ${home} has stopped.\n`);
  return 0;
}
