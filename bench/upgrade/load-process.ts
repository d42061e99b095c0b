/** The load's process, seen from the bench. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Collected, FromLoad, LoadOptions, ToLoad } from './messages.ts';

const LOAD = fileURLToPath(new URL('./load.ts', import.meta.url));
/** 10,000 sessions are opened on a busy machine meanwhile. */
const WITHIN_MS = 240_000;

export class LoadProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when all sessions are open and the requests flow. */
  static async start(options: LoadOptions): Promise<LoadProcess> {
    const load = new LoadProcess(fork(LOAD, [JSON.stringify(options)], { execArgv: [] }));
    try {
      await load.#answer();
      return load;
    } catch (error) {
      load.#child.kill('SIGKILL');
      throw error;
    }
  }

  async #answer(): Promise<FromLoad> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(WITHIN_MS)]);
    try {
      const ended = once(this.#child, 'exit', { signal }).then(([code]): never => {
        throw new Error(`the load ended with code ${code}`);
      });
      ended.catch(() => undefined);
      const [message] = (await Promise.race([once(this.#child, 'message', { signal }), ended])) as [FromLoad];
      if (message.type === 'failed') throw new Error(`the load failed: ${message.message}`);
      return message;
    } finally {
      done.abort();
    }
  }

  /** What has happened since the last time. */
  async collect(): Promise<Collected> {
    const answer = this.#answer();
    this.#child.send('collect' satisfies ToLoad);
    const message = await answer;
    if (message.type !== 'collected') throw new Error(`the load said ${message.type}`);
    return message.collected;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.send('end' satisfies ToLoad);
    await exit;
  }
}
