/**
 * Who is to be told of the rows that change. A process tells its own subscribers after the commit of each of its
 * transactions, and others only of tables that somebody subscribes to there; where nobody does, a write costs one look.
 */
import { keyId } from './key.ts';
import type { TableKey } from './types.ts';

/** Rows of one commit; a key once, however often it was written. */
export interface Changed {
  readonly table: string;
  readonly keys: readonly TableKey[];
}

/** The way to other processes. Neither may throw. */
export interface ChangesPort {
  /** Rows that this process has changed. */
  changed(changes: readonly Changed[]): void;
  /** The tables to which this process subscribes, from now on. */
  subscribed(tables: readonly string[]): void;
}

type Listener = (keys: readonly TableKey[]) => void;
type Pending = Map<string, Map<unknown, TableKey>>;

export class Changes {
  readonly #listeners = new Map<string, Set<Listener>>();
  #elsewhere: ReadonlySet<string> = new Set();
  #port: ChangesPort | undefined;
  #pending: Pending | undefined;

  connect(port: ChangesPort): void {
    this.#port = port;
    port.subscribed([...this.#listeners.keys()]);
  }

  /** The tables to which others subscribe. */
  set elsewhere(tables: readonly string[]) {
    this.#elsewhere = new Set(tables);
  }

  /** @returns a function that ends it */
  subscribe(table: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(table) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(table, listeners);
    if (listeners.size === 1) this.#tell();
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(table);
      this.#tell();
    };
  }

  #tell(): void {
    this.#port?.subscribed([...this.#listeners.keys()]);
  }

  /** In a write transaction. */
  note(table: string, key: TableKey): void {
    if (!this.#listeners.has(table) && !this.#elsewhere.has(table)) return;
    this.#pending ??= new Map();
    const keys = this.#pending.get(table) ?? new Map();
    keys.set(keyId(key), key);
    this.#pending.set(table, keys);
  }

  /** What was noted since the last take. At the end of a transaction's callback. */
  take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }

  /** After the commit. */
  committed(pending: Pending): void {
    const changes = Array.from(pending, ([table, keys]) => ({ table, keys: [...keys.values()] }));
    this.deliver(changes);
    const wanted = changes.filter(({ table }) => this.#elsewhere.has(table));
    if (wanted.length > 0) this.#port?.changed(wanted);
  }

  /** To the subscribers of this process. One that throws does not keep the others from hearing of it. */
  deliver(changes: readonly Changed[]): void {
    for (const { table, keys } of changes)
      for (const listener of this.#listeners.get(table) ?? []) queueMicrotask(() => listener(keys));
  }
}
