/** Real processes of the launchers against a control server in this process, or in a child that can be stopped and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ControlHandlers } from '../../src/admin/control-handlers.ts';
import { type ControlServer, startControlServer } from '../../src/admin/control-server.ts';
import { fakeHandlers } from './samples.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const ERLMCPCTL = join(ROOT, 'bin/erlmcpctl');
const DEADLINE_MS = 30_000;

/** Where a command needs more than its name. */
export const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  upgrade: ['3.0.0'],
  downgrade: ['2.1.0'],
  restart: ['http'],
  completion: ['bash'],
  stop: ['--yes'],
  eval: ['1.'],
  restore: ['latest'],
};

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves with the home folder of a node that answers with `handlers`. */
export async function fakeNode(handlers: Partial<ControlHandlers> = {}): Promise<string> {
  const home = await temporaryFolder();
  await fakeNodeAt(home, handlers);
  return home;
}

export async function fakeNodeAt(home: string, handlers: Partial<ControlHandlers>): Promise<ControlServer> {
  const socketPath = join(home, 'run', 'erlmcp.sock');
  const server = await startControlServer({ socketPath, handlers: fakeHandlers(handlers) });
  onTestFinished(() => server.close());
  return server;
}

/** A fake node in a process of its own; resolves when it answers. It ends on `stop`, and with the test. */
export async function fakeNodeProcess(home: string, ...args: string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./fake-node.ts', import.meta.url));
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [script, home, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout!, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) });
  return child;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Nothing, unless there is something to type. */
  stdin?: 'ignore' | 'pipe';
  /** Gets the child once it runs, to close its output or send a signal. */
  onStart?: (child: ChildProcess) => void;
}

export async function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, cwd = ROOT, stdin = 'ignore', onStart }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ERLMCP_HOME: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const finished: Finished = { code: null, stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    finished.stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    finished.stderr += text;
  });
  onStart?.(child);
  const [code] = await once(child, 'close');
  finished.code = code as number | null;
  return finished;
}

export const ctl = (home: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  runProgram(ERLMCPCTL, args, { ...options, env: { ERLMCP_HOME: home, ...options.env } });

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUp = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > giveUp) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
