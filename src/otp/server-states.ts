/** Where a server's state comes from and goes to: `init`, the persistence port, or another version of its module. */
import { exitOf, exitTuple } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';
import type { PersistencePort } from './ports.ts';

/** Runs a callback of the process, so that it knows in which process it is. */
export type Enter = <T>(callback: () => T) => T;

export class ServerStates {
  readonly #name: string;
  readonly #server: AnyServer;
  readonly #port: PersistencePort | undefined;
  readonly #enter: Enter;

  constructor(name: string, server: AnyServer, port: PersistencePort | undefined, enter: Enter) {
    this.#name = name;
    this.#server = server;
    this.#port = port;
    this.#enter = enter;
  }

  /** The saved state of a persisted server, else what `init` returns. */
  async first(args: unknown): Promise<unknown> {
    const { callbacks } = this.#server;
    const saved = callbacks.persist ? await this.#requirePort().load(this.#name) : undefined;
    if (saved !== undefined) return this.convert(saved);
    return this.#enter(() => callbacks.init(args));
  }

  async convert({ version, state }: { readonly version: number; readonly state: unknown }): Promise<unknown> {
    const { callbacks, version: current } = this.#server;
    if (version === current || callbacks.codeChange === undefined) return state;
    return this.#enter(() => callbacks.codeChange?.(version, state));
  }

  async save(state: unknown): Promise<void> {
    try {
      await this.#requirePort().save(this.#name, this.#server.version, this.own(state));
    } catch (error) {
      const message = `its state could not be saved (${exitOf(error).message}); check the store.`;
      throw exitTuple('persist_failed', this.#name, message, error);
    }
  }

  /** A persisted state is frozen one level deep, so that a mutation fails by name and is not silently left unsaved. */
  own(state: unknown): unknown {
    const plain = typeof state === 'object' && state !== null && !ArrayBuffer.isView(state);
    return this.#server.callbacks.persist && plain ? Object.freeze(state) : state;
  }

  #requirePort(): PersistencePort {
    if (this.#port !== undefined) return this.#port;
    const message = 'persist is true, but the process table has no persistence port; give it one.';
    throw exitTuple('no_persistence', this.#name, message);
  }
}
