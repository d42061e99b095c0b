/** A bridge as a process, with what the tests shorten taken from the environment. */
import { runBridge } from '../../../src/bridge/index.ts';

const number = (name: string): number | undefined =>
  process.env[name] === undefined ? undefined : Number(process.env[name]);

const options = {
  offlineMs: number('TEST_OFFLINE_MS'),
  drainMs: number('TEST_DRAIN_MS'),
  maxLineBytes: number('TEST_MAX_LINE_BYTES'),
  maxHeldBytes: number('TEST_MAX_HELD_BYTES'),
};

const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

process.exit(
  await runBridge({
    home: process.env.ERLMCP_HOME!,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    ...given,
  }),
);
