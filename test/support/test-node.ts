/** A real node for a test: its own home and ports, started as an operator starts it, and gone when the test is over. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject, onTestFinished } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface NodeOptions {
  /** Versions whose packages are put into the home. Default: both reference releases. */
  packages?: string[];
  /** Members of `erlmcp.json`. */
  config?: Record<string, unknown>;
  /** Release of the first boot. Default 2.1.0. */
  release?: string;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a command of the project to its end. */
export function run(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  timeoutMs = 60_000,
): Promise<CommandResult> {
  return new Promise((done) => {
    const child = execFile(
      file.startsWith('/') ? file : join(ROOT, file),
      args,
      { env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        done({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Waits until `probe` gives something that is not false or undefined. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} did not come about in ${deadlineMs} ms`, { cause: last });
}

export class TestNode {
  readonly home: string;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly env: NodeJS.ProcessEnv;

  constructor(home: string, httpPort: number, adminPort: number) {
    this.home = home;
    this.httpPort = httpPort;
    this.adminPort = adminPort;
    this.env = {
      ...process.env,
      ERLMCP_HOME: home,
      ERLMCP_HTTP_PORT: String(httpPort),
      ERLMCP_ADMIN_PORT: String(adminPort),
      NO_COLOR: '1',
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}/mcp`;
  }

  get pid(): number {
    return Number(readFileSync(join(this.home, 'run/erlmcp.pid'), 'utf8').split('\n')[0]);
  }

  log(name: 'erlmcp' | 'upgrade' | 'error' | 'console'): string {
    return readFileSync(join(this.home, 'log', `${name}.log`), 'utf8');
  }

  erlmcp(...args: string[]): Promise<CommandResult> {
    return run('bin/erlmcp', args, this.env);
  }

  ctl(...args: string[]): Promise<CommandResult> {
    return run('bin/erlmcpctl', args, this.env);
  }

  async ctlJson<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const { stdout, stderr } = await this.ctl(...args, '--json');
    try {
      return JSON.parse(stdout) as T;
    } catch (cause) {
      throw new Error(`erlmcpctl ${args.join(' ')} printed no JSON: ${stdout}${stderr}`, { cause });
    }
  }

  script(name: 'upgrade.sh' | 'downgrade.sh', ...args: string[]): Promise<CommandResult> {
    return run(`scripts/${name}`, args, this.env, 120_000);
  }

  async start(...args: string[]): Promise<void> {
    const result = await this.erlmcp('start', ...args);
    if (result.code !== 0) throw new Error(`the node did not start: ${result.stderr}`);
  }

  /** Pids of the runners that have not ended. */
  runners(): number[] {
    const run = join(this.home, 'run');
    const files = existsSync(run) ? readdirSync(run).filter((name) => name.startsWith('runner-')) : [];
    return files.map((name) => Number(/\d+/.exec(name)?.[0]));
  }

  /** Pid of the one runner. Throws where there is none, or more than one: a signal to pid 0 would reach the test itself. */
  runner(): number {
    const [pid, ...others] = this.runners();
    if (pid === undefined || others.length > 0)
      throw new Error(`one runner was expected, there are ${this.runners().length}: ${this.runners()}`);
    return pid;
  }

  /** Ends the host at once, as a crash does, and waits until it is gone. */
  async crash(): Promise<void> {
    const { pid } = this;
    process.kill(pid, 'SIGKILL');
    await eventually('the end of the host', () => !alive(pid));
  }

  async remove(): Promise<void> {
    await this.erlmcp('stop');
    if (process.env.KEEP_LOGS)
      cpSync(join(this.home, 'log'), join(process.env.KEEP_LOGS, String(this.httpPort)), { recursive: true });
    for (const pid of this.runners()) if (alive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A home with packages, not started. It is removed when the test is over. */
export async function makeHome(options: NodeOptions = {}): Promise<TestNode> {
  const home = mkdtempSync(join(tmpdir(), 'erlmcp-node-'));
  const packages = join(home, 'packages');
  mkdirSync(packages);
  for (const vsn of options.packages ?? ['2.1.0', '3.0.0'])
    for (const suffix of ['', '.sha256'])
      copyFileSync(
        join(inject('packages'), `erlmcp-${vsn}.tar.gz${suffix}`),
        join(packages, `erlmcp-${vsn}.tar.gz${suffix}`),
      );
  if (options.config) writeFileSync(join(home, 'erlmcp.json'), JSON.stringify(options.config));
  return new TestNode(home, await freePort(), await freePort());
}

/** A running node. It is stopped, and its home removed, when the test is over. */
export async function startNode(options: NodeOptions = {}): Promise<TestNode> {
  const node = await makeHome(options);
  onTestFinished(() => node.remove());
  await node.start('--release', options.release ?? '2.1.0');
  return node;
}
