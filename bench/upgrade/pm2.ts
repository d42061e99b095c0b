/**
 * pm2, which is no dependency of this project: npm installs it into a temporary folder, and its daemon has its home there. `reload` in
 * cluster mode starts the new process, waits until it is ready, and only then ends the old one.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { STATEFUL } from './peer-process.ts';

export const PM2_VERSION = '7.0.4';
const INSTALL_WITHIN_MS = 120_000;
const COMMAND_WITHIN_MS = 60_000;
const NAME = 'peer';

const run = promisify(execFile);

export class Pm2 {
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    // Its daemon and its processes run on the Node of the bench.
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    this.#env = { ...process.env, PATH: path, PM2_HOME: join(dir, 'home'), PORT: String(port) };
  }

  /** Throws where pm2 can not be had. */
  static async start(port: number): Promise<Pm2> {
    const dir = await mkdtemp(join(tmpdir(), 'erlmcp-pm2-'));
    const pm2 = new Pm2(dir, port);
    try {
      await pm2.#install();
      const entry = join(dir, 'app', 'peer.mjs');
      await mkdir(dirname(entry));
      await writeFile(entry, `await import(${JSON.stringify(STATEFUL)});\n`);
      await pm2.#pm2('start', entry, '--name', NAME, '-i', '1', '--wait-ready');
      return pm2;
    } catch (error) {
      await pm2.stop();
      throw error;
    }
  }

  async #install(): Promise<void> {
    const args = [
      'install',
      '--prefix',
      this.#dir,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `pm2@${PM2_VERSION}`,
    ];
    await run('npm', args, { timeout: INSTALL_WITHIN_MS });
  }

  async #pm2(...args: string[]): Promise<void> {
    const command = join(this.#dir, 'node_modules/pm2/bin/pm2');
    await run(process.execPath, [command, ...args], { env: this.#env, timeout: COMMAND_WITHIN_MS });
  }

  redeploy(): Promise<void> {
    return this.#pm2('reload', NAME);
  }

  async stop(): Promise<void> {
    await this.#pm2('kill').catch(() => undefined);
    await rm(this.#dir, { recursive: true, force: true });
  }
}
