import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import {
  openStore,
  type StoreOptions,
  TableError,
  type TableErrorCode,
  type TableStore,
} from '../../src/tables/index.ts';
import type { Command, Report } from './fixtures/process.ts';

const undo: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

export const later = (step: () => Promise<unknown> | unknown): void => {
  undo.push(step);
};

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'erlmcp-tables-'));
  later(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function tempStore(options: Partial<StoreOptions> = {}): Promise<TableStore> {
  const store = await openStore({ dir: options.dir ?? tempDir(), ...options });
  later(() => store.close());
  return store;
}

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** What a refused call throws. */
export async function refusal(action: () => unknown): Promise<TableError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof TableError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

export const codeOf = async (action: () => unknown): Promise<TableErrorCode> => (await refusal(action)).code;

/** Generous: what is awaited takes well under a second on an idle machine. */
const DEADLINE_MS = 60_000;

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether the process is stopped (SIGSTOP). */
export const isStopped = (pid: number | undefined): boolean =>
  spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .startsWith('T');

/** A process with the store open (fixtures/process.ts), killed after the test. */
export class OtherProcess {
  readonly child: ChildProcess;
  readonly acknowledged: string[] = [];
  readonly #reports: Report[] = [];

  constructor(child: ChildProcess) {
    this.child = child;
    child.on('message', (report: Report) => {
      if ('acknowledged' in report) this.acknowledged.push(report.acknowledged);
      else this.#reports.push(report);
    });
    later(() => this.kill());
  }

  static async start(dir: string, storage = 'disc', shell?: string): Promise<OtherProcess> {
    const args = [fixture('process.ts'), dir, storage];
    const child =
      shell === undefined
        ? fork(args[0] ?? '', args.slice(1))
        : spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args], {
            stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
          });
    const other = new OtherProcess(child);
    await other.#next();
    return other;
  }

  send(command: Command): void {
    this.child.send(command);
  }

  async run(command: Command): Promise<unknown> {
    this.send(command);
    const report = await this.#next();
    if ('error' in report) throw new Error(report.error);
    return 'result' in report ? report.result : undefined;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async #next(): Promise<Report> {
    await until(
      'a report of the other process',
      () => this.#reports.length > 0 || this.child.exitCode !== null,
    );
    const report = this.#reports.shift();
    if (report === undefined) throw new Error(`the other process ended with ${this.child.exitCode}`);
    return report;
  }
}
