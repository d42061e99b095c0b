/**
 * A place of the run's own: a temporary folder in which the document makes its home, and free ports. When it is over, no node that was
 * started in it runs any more, and nothing of it is left.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Shell } from './shell.ts';

export const PROJECT = resolve(import.meta.dirname, '..');

const STOP_WITHIN_MS = 20_000;

export class Practice {
  readonly root: string;
  /** Of the shell: nothing of a node that the caller may have. */
  readonly env: NodeJS.ProcessEnv;
  #shell: Shell | undefined;
  #closed: Promise<void> | undefined;

  private constructor(root: string, ports: readonly [number, number]) {
    this.root = root;
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(ERLMCP|NODE_OPTIONS|VITEST)/.test(name),
    );
    this.env = {
      ...Object.fromEntries(inherited),
      TMPDIR: join(root, 't'),
      ERLMCP_HTTP_PORT: String(ports[0]),
      ERLMCP_ADMIN_PORT: String(ports[1]),
      NO_COLOR: '1',
    };
  }

  static async open(): Promise<Practice> {
    // A node's sockets have paths of 100 bytes at the most.
    const root = mkdtempSync(join(tmpdir(), 'rb-'));
    mkdirSync(join(root, 't'));
    return new Practice(root, [await freePort(), await freePort()]);
  }

  /** The shell that runs; it ends with everything else. */
  owns(shell: Shell): void {
    this.#shell = shell;
  }

  /** Also while it is being closed. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#shell?.end();
    for (const home of this.#homes()) {
      await stopNode({ ...this.env, ERLMCP_HOME: home });
      for (const pid of pidsOf(home)) endProcess(pid);
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  #homes(): string[] {
    return readdirSync(this.env.TMPDIR ?? this.root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((folder) => readdirSync(folder).includes('run'));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const stopNode = (env: NodeJS.ProcessEnv): Promise<void> =>
  new Promise((done) => {
    execFile(join(PROJECT, 'bin/erlmcp'), ['stop'], { env, timeout: STOP_WITHIN_MS }, () => done());
  });

/** Of the host and the runners that a node has written down, and that have outlived its stop. */
function pidsOf(home: string): number[] {
  const run = join(home, 'run');
  return readdirSync(run).flatMap((name) => {
    if (name === 'erlmcp.pid') return Number.parseInt(readFileSync(join(run, name), 'utf8'), 10) || [];
    return Number(/^runner-(\d+)\.json$/.exec(name)?.[1] ?? 0) || [];
  });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
