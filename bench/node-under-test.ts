/** An erlmcp node as shipped, in a temporary home and on free ports: packages built, started as a process, removed at the end. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startChild, whenReady } from './child.ts';

export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

export interface NodeUnderTest {
  home: string;
  httpPort: number;
  adminPort: number;
  pid: number;
  /** For whatever talks to this node: scripts, `erlmcpctl`, `erlmcp stdio`. */
  env: NodeJS.ProcessEnv;
  output: () => string;
  /** Ends the node and, unless its home is wanted for a look, removes that. */
  stop: (options?: { keepHome?: boolean }) => Promise<void>;
}

const run = promisify(execFile);

/** Generous: a busy machine is no reason to fail. */
const BUILD_WITHIN_MS = 120_000;
const READY_WITHIN_MS = 90_000;

/** A bench that is told to end takes its node along. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Builds the reference releases into the home's packages, and with a fault, as `phase:kind`, a faulty 3.0.1 too. */
async function buildReleases(env: NodeJS.ProcessEnv, fault?: string): Promise<void> {
  const args = fault ? [`--fault=${fault}`] : [];
  await run(process.execPath, [join(PROJECT, 'examples/build.ts'), ...args], {
    cwd: PROJECT,
    env,
    timeout: BUILD_WITHIN_MS,
  });
}

async function isReady(adminPort: number): Promise<true | undefined> {
  const signal = AbortSignal.timeout(2_000);
  const response = await fetch(`http://127.0.0.1:${adminPort}/health/ready`, { signal }).catch(
    () => undefined,
  );
  await response?.text();
  return response?.ok ? true : undefined;
}

export interface NodeOptions {
  release: string;
  fault?: string;
  /** Called with the home before the node is started in it. */
  prepare?: (home: string) => Promise<void>;
}

export async function startNode({ release, fault, prepare }: NodeOptions): Promise<NodeUnderTest> {
  const home = await mkdtemp(join(tmpdir(), 'erlmcp-'));
  const [httpPort, adminPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    ERLMCP_HOME: home,
    ERLMCP_HTTP_PORT: String(httpPort),
    ERLMCP_ADMIN_PORT: String(adminPort),
  };
  const remove = (): Promise<void> => rm(home, { recursive: true, force: true });
  try {
    await mkdir(join(home, 'packages'));
    await buildReleases(env, fault);
    await prepare?.(home);
    const child = startChild(join(PROJECT, 'bin/erlmcp'), ['foreground', '--release', release], {
      env,
      cwd: PROJECT,
    });
    const onSignal = (signal: NodeJS.Signals): void => {
      void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    const stop: NodeUnderTest['stop'] = async ({ keepHome = false } = {}) => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      await child.stop();
      if (!keepHome) await remove();
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    await whenReady(child, `the node on ${release}`, () => isReady(adminPort), READY_WITHIN_MS).catch(
      async (error: unknown) => {
        await stop();
        throw error;
      },
    );
    return { home, httpPort, adminPort, env, pid: child.process.pid ?? 0, output: child.output, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
