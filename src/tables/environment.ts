import { type Database, type Key, open, type RootDatabase } from 'lmdb';
import { explainRead } from './bad-pages.ts';
import { Changes } from './changes.ts';
import { explainCommit } from './explain-commit.ts';
import { RowDecoder } from './row-codec.ts';
import { bytesOf, NO_ROWS, type RowTable, StoredRows, statsOf, treeBytes } from './row-table.ts';
import { TableError } from './table-error.ts';
import { within } from './within.ts';
import { assertMayWrite, runInScope } from './write-scope.ts';

/**
 * One LMDB environment: many processes open it, one at a time writes. Writes that this process starts in one turn share a
 * transaction and, in a synced environment, its flush; their promises resolve once it is on disk. (lmdb-js's overlapping sync
 * is off: it moves the flush out of the writer lock and under a second lock between processes, which a stopped process
 * could hold unseen, and was no faster for small rows on the machines that we measured.)
 *
 * Opening takes the writer lock for an instant, on the calling thread, unless `readOnly`.
 */
export interface EnvironmentOptions {
  readonly path: string;
  /** Whether a write is flushed before it is acknowledged. */
  readonly sync: boolean;
  readonly readOnly?: boolean | undefined;
  /** Synchronous writes throw. */
  readonly asyncOnly?: boolean | undefined;
  /** Bytes of address space, not of disk or memory. A file that outgrows it is mapped again, whoever made it grow. */
  readonly mapSize?: number | undefined;
  readonly changes?: Changes | undefined;
}

const DEFAULT_MAP_SIZE = 16 * 2 ** 30;
/** A table takes one; its statistics and catalogue take a few more. */
const MAX_DBS = 1_024;
/** Every process takes one per environment, and one more while it copies. */
const MAX_READERS = 512;
/** Removed to see whether the writer lock can be had; never there, so that nothing is written. */
const PROBE_KEY = '$probe';
const SYNC_WRITERS = ['transactionSync', 'putSync', 'removeSync', 'clearSync', 'dropSync'] as const;

export interface Reader {
  readonly pid: number;
  /** The snapshot that the reader holds; undefined if none. */
  readonly transaction: number | undefined;
}

export class Environment {
  readonly path: string;
  readonly #root: RootDatabase<unknown, Key>;
  readonly #options: EnvironmentOptions;
  readonly #rows = new Map<string, RowTable>();
  readonly #databases = new Map<string, Database<unknown, Key>>();
  #probe: Promise<boolean> | undefined;
  #held: PromiseWithResolvers<void> | undefined;
  #copies: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Who is told of what its transactions have changed. */
  readonly changes: Changes;
  /** Told of each new snapshot, at the start of a write too; must not write. */
  onSnapshot: (writing: boolean) => void = () => {};

  constructor(options: EnvironmentOptions) {
    this.path = options.path;
    this.#options = options;
    this.changes = options.changes ?? new Changes();
    this.#root = open<unknown, Key>({
      path: options.path,
      noSubdir: false,
      maxDbs: MAX_DBS,
      maxReaders: MAX_READERS,
      mapSize: options.mapSize ?? DEFAULT_MAP_SIZE,
      overlappingSync: false,
      noSync: !options.sync,
      readOnly: options.readOnly ?? false,
    });
    this.#denySync(this.#root);
  }

  get readOnly(): boolean {
    return this.#options.readOnly ?? false;
  }

  /** For an action that checks first and then writes once: what a throw leaves written stays written. */
  write<T>(action: () => T): Promise<T> {
    this.#assertWritable();
    if (this.#held) return this.#held.promise.then(() => this.write(action));
    return this.#commit((run) => this.#root.transaction(run), action);
  }

  /** All of what `action` writes, or nothing of it if it throws. */
  transaction<T>(action: () => T): Promise<T> {
    this.#assertWritable();
    if (this.#held) return this.#held.promise.then(() => this.transaction(action));
    return this.#commit((run) => this.#root.childTransaction(run), action);
  }

  /** As `transaction`, on the calling thread: it waits for other processes that write. */
  transactionSync<T>(action: () => T): T {
    this.#assertWritable();
    if (this.#held)
      throw new TableError('held', 'writes wait for another process to open the store; try again');
    let changed: ReturnType<Changes['take']>;
    try {
      return this.#root.transactionSync(() => {
        const result = this.#run(action);
        changed = this.changes.take();
        return result;
      });
    } finally {
      // Of one that was rolled back nothing is told.
      this.changes.take();
      if (changed) this.changes.committed(changed);
    }
  }

  async #commit<T>(transact: (run: () => T) => Promise<T>, action: () => T): Promise<T> {
    let changed: ReturnType<Changes['take']>;
    const run = (): T => {
      try {
        return this.#run(action);
      } finally {
        changed = this.changes.take();
      }
    };
    const result = await transact(run).catch(explainCommit);
    if (changed) this.changes.committed(changed);
    return result;
  }

  #run<T>(action: () => T): T {
    return runInScope(() => {
      this.onSnapshot(true);
      return action();
    });
  }

  /** Of its databases. @throws `damaged` where one is counted and not found: it would be made anew, and empty. */
  names(): Set<string> {
    const { entryCount } = statsOf(this.#root);
    const names = [...this.#root.getKeys()];
    // `doesExist` does not know of databases.
    const found = (name: Key): boolean => [...this.#root.getKeys({ start: name, limit: 1 })][0] === name;
    if (names.length !== entryCount || !names.every(found)) throw this.namesDamaged();
    return new Set(names.map(String));
  }

  namesDamaged(): TableError {
    return new TableError(
      'damaged',
      `the list of tables in ${this.path} can't be read; restore it from a backup`,
    );
  }

  /** Rows that this process has opened. */
  openedRows(name: string): RowTable | undefined {
    return this.#rows.get(name);
  }

  /** Opens, and creates if need be, a table's rows; without a synchronous write. */
  async openRows(name: string): Promise<RowTable> {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const decoder = new RowDecoder();
    const encoder = {
      encode: (bytes: Buffer) => bytes,
      decode: (bytes: Uint8Array) => decoder.decode(bytes),
    };
    const db = await this.#openDb(name, { encoder });
    const rows = db === undefined ? NO_ROWS : new StoredRows(db, decoder);
    if (db !== undefined) this.#rows.set(name, rows);
    return rows;
  }

  /** Removes the rows under this name, which nobody uses any more. */
  async dropRows(name: string): Promise<void> {
    this.#rows.delete(name);
    const db = await this.#openDb(name, {});
    await db?.drop();
    this.#databases.delete(name);
  }

  /** Opens a database of JSON values, for the store's own records. */
  openRecords<V>(name: string): Promise<Database<V, Key> | undefined> {
    return this.#openDb<V>(name, { encoding: 'json' });
  }

  /** Reads see what other processes have committed up to now. */
  refresh(): void {
    this.#root.resetReadTxn();
    this.onSnapshot(false);
  }

  /** Resolves when no write of this process is under way; those that are started from now on wait for `release`. */
  async hold(): Promise<void> {
    if (this.readOnly) return;
    this.#held ??= Promise.withResolvers<void>();
    await this.#root.transaction(() => undefined);
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** Resolves once every write started before has been committed, or has failed. */
  async settled(): Promise<void> {
    if (!this.readOnly) await this.write(() => undefined);
  }

  /** Whether the writer lock could be had within the time. Writes nothing, and blocks no thread of JavaScript. */
  async probe(timeoutMs: number): Promise<boolean> {
    this.#probe ??= this.#root
      .remove(PROBE_KEY)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#probe = undefined;
      });
    return (await within(timeoutMs, this.#probe)) ?? false;
  }

  /**
   * Writes a copy of the environment as of now to the folder `to`, which must exist. The copy is compacted, for which it needs no
   * writer lock; it holds a snapshot for as long as it takes.
   */
  async copyTo(to: string): Promise<void> {
    const copy = this.#root.backup(to, true);
    this.#copies = Promise.allSettled([this.#copies, copy]);
    await copy;
  }

  /** Clears the slots of readers that died; returns how many. */
  readerCheck(): number {
    return this.#root.readerCheck();
  }

  readers(): Reader[] {
    return [...this.#root.readerList().matchAll(/^\s*(\d+) [0-9a-f]+ (\d+|-)\s*$/gm)].map(
      ([, pid, transaction]) => ({
        pid: Number(pid),
        transaction: transaction === '-' ? undefined : Number(transaction),
      }),
    );
  }

  /** `usedBytes`: of the file's pages those that are no free space, in the databases that this process has opened. */
  stats(): { usedBytes: number; lastTransaction: number } {
    const { root, free, lastTxnId } = statsOf(this.#root);
    const used = [...this.#databases.values()].map(bytesOf).concat(treeBytes(root), treeBytes(free));
    return { usedBytes: used.reduce((sum, bytes) => sum + bytes, 0), lastTransaction: lastTxnId };
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // Its thread reads the environment's memory.
    const closed = this.#copies.then(() => this.#root.close()).then(() => true);
    if (await within(timeoutMs, closed)) return;
    throw new TableError(
      'timeout',
      `${this.path} was not closed within ${timeoutMs} ms; another process holds its writer lock: end that process`,
    );
  }

  async #openDb<V>(name: string, options: object): Promise<Database<V, Key> | undefined> {
    await this.#held?.promise;
    const openIt = async (): Promise<Database<V, Key> | undefined> =>
      this.readOnly
        ? this.#root.openDB<V, Key>(name, options)
        : this.#root.transaction(() => this.#root.openDB<V, Key>(name, options));
    const db = await openIt().catch((error: unknown) => {
      throw explainRead(error, { what: `${name} in ${this.path}` });
    });
    if (db !== undefined) {
      this.#denySync(db);
      this.#databases.set(name, db as Database<unknown, Key>);
    }
    return db;
  }

  #denySync(db: object): void {
    if (!this.#options.asyncOnly) return;
    const deny = (): never => {
      throw new TableError('sync_write', 'this store was opened for asynchronous writes only');
    };
    for (const method of SYNC_WRITERS) Object.defineProperty(db, method, { value: deny, writable: true });
  }

  #assertWritable(): void {
    assertMayWrite();
    if (this.#closed) throw new TableError('closed', `${this.path} is closed`);
    if (this.readOnly) throw new TableError('read_only', `${this.path} was opened for reading only`);
  }
}
