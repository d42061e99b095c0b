/** `erlmcp start`: the node as a daemon. Returns when it serves, or with what kept it from doing so. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartReport } from './foreground.ts';
import { homeOf, prepareHome } from './home.ts';

const DEADLINE_MS = 60_000;

export async function start(args: string[]): Promise<number> {
  const home = homeOf(process.env);
  const paths = prepareHome(home);
  const output = openSync(join(paths.log, 'console.log'), 'a');
  const entry = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './erlmcp.ts' : './erlmcp.js', import.meta.url),
  );
  const child = spawn(process.execPath, [...process.execArgv, entry, 'foreground', ...args], {
    cwd: home,
    detached: true,
    env: { ...process.env, ERLMCP_HOME: home },
    stdio: ['ignore', output, output, 'ipc'],
  });
  const report = await new Promise<StartReport>((resolve) => {
    const timer = setTimeout(
      () =>
        resolve({
          ok: false,
          message: `{timeout, start}: the node does not serve after ${DEADLINE_MS / 1_000} s. See ${paths.log}.`,
          exitCode: 124,
        }),
      DEADLINE_MS,
    );
    const settle = (result: StartReport): void => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once('message', (message) => settle(message as StartReport));
    child.once('exit', (code) =>
      settle({
        ok: false,
        message: `{start_failed, ${code}}: the node ended. See ${output ? paths.log : home}/console.log.`,
        exitCode: 1,
      }),
    );
    child.once('error', (error) =>
      settle({ ok: false, message: `{start_failed}: ${error.message}`, exitCode: 1 }),
    );
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (report.ok) {
    process.stdout.write(`${report.message}\n`);
    return 0;
  }
  process.stderr.write(`erlmcp: ${report.message}\n`);
  return report.exitCode;
}
