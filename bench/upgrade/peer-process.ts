/** The SDK's server as a process of its own. A redeploy is what a unit file or a script does: SIGTERM, wait for the end, start again. */
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Child, startChild, whenReady } from '../child.ts';

export const STATEFUL = fileURLToPath(new URL('../peers/stateful.ts', import.meta.url));

export const listens = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(undefined));
    socket.on('connect', () => socket.destroy());
  });

export class PeerProcess {
  readonly #port: number;
  #child: Child;

  private constructor(port: number) {
    this.#port = port;
    this.#child = this.#spawn();
  }

  static async start(port: number): Promise<PeerProcess> {
    const peer = new PeerProcess(port);
    await peer.#ready();
    return peer;
  }

  #spawn(): Child {
    return startChild(process.execPath, [STATEFUL], { env: { ...process.env, PORT: String(this.#port) } });
  }

  async #ready(): Promise<void> {
    await whenReady(this.#child, 'the SDK server', () => listens(this.#port));
  }

  async redeploy(): Promise<void> {
    await this.#child.stop();
    this.#child = this.#spawn();
    await this.#ready();
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
