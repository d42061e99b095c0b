import { writeBackup } from './backup.ts';
import type { TableEntry } from './catalogue.ts';
import type { Changed, Changes } from './changes.ts';
import { refuseTwice } from './declared-twice.ts';
import type { Reader } from './environment.ts';
import type { Failures } from './failure-list.ts';
import { type FigureOptions, type StorageFigures, storageFigures } from './figures.ts';
import { Inspection, type RowsReport, type VerifyOptions, type VerifyRowsOptions } from './inspection.ts';
import type { TrackedKeys } from './key-tracker.ts';
import { LensChain } from './lens-chain.ts';
import { Maintenance } from './maintenance.ts';
import { makeCore } from './make-core.ts';
import type { Partition } from './partition.ts';
import { TableBinding } from './table.ts';
import type { TableCore } from './table-core.ts';
import { TableError } from './table-error.ts';
import { runTransaction, type Within } from './transaction.ts';
import type { AnyTable, Chains, RowSchema, Storage, TableKey, TableShape } from './types.ts';
import type { LensReport } from './verify-lens.ts';
import type { WayBackTargets } from './way-back.ts';
import { WriteWatch } from './write-watch.ts';

export interface ReaderInfo extends Reader {
  readonly storage: Storage;
}

const CLOSE_MS = 10_000;
const TRACKED_KEYS = 1_000_000;

/**
 * The tables of a node, as one process has them open. Many processes open the same store; each row carries the version that
 * wrote it, and each process sees it as its own version.
 */
export class TableStore {
  readonly #partitions: Readonly<Record<Storage, Partition>>;
  readonly #chains = new Map<string, LensChain>();
  readonly #attached = new Set<AnyTable>();
  readonly #watch = new WriteWatch();
  readonly #inspection: Inspection;

  /** Between the subscribers of this process and those of others. */
  readonly changes: Changes;
  /** Work on whole tables, in the background. */
  readonly maintenance: Maintenance;

  constructor(partitions: Readonly<Record<Storage, Partition>>, changes: Changes) {
    this.#partitions = partitions;
    this.changes = changes;
    this.maintenance = new Maintenance(partitions, this.#attached, this.#chains);
    for (const partition of Object.values(partitions))
      partition.onReplaced = (table) => this.#watch.damage.clearTable(table);
    this.#inspection = new Inspection(Object.values(partitions), this.#chains);
  }

  /** Makes handles usable; creates tables that are new. `chains` are those of the newest release of which rows are stored. */
  async attach(tables: readonly AnyTable[], chains: Chains = {}): Promise<void> {
    refuseTwice(tables);
    for (const table of tables) this.#addChain(table, chains);
    for (const partition of Object.values(this.#partitions)) {
      const { storage, catalogue, environment } = partition;
      environment.refresh();
      const own = tables.filter((table) => table.storage === storage);
      const free = await this.#replaceable(tables, partition);
      for (const { name } of tables) if (!free.has(name)) this.#checkStorage(name, catalogue.find(name), own);
      for (const table of own) await this.#bind(table);
      await catalogue.enter(own.filter(({ name }) => !free.has(name)));
      await this.maintenance.declareIndexes(own);
    }
  }

  /** Reads every row of the stored tables, attached or not, in short chunks; damaged ones by table and key. */
  verifyRows(options: VerifyRowsOptions = {}): Promise<RowsReport[]> {
    return this.#inspection.verifyRows(options);
  }

  /** Lenses to and from versions that newer releases have written, or will write. Tables that are not attached are passed by. */
  useChains(chains: Chains): void {
    for (const [name, chain] of Object.entries(chains)) {
      const known = this.#chains.get(name);
      if (known !== undefined) this.#chains.set(name, known.merge(chain));
    }
  }

  /**
   * Runs `action` synchronously in one transaction of the tables of one storage (default `disc`): all of its writes are committed, or
   * none if it throws or returns a promise. Resolves when they are durable.
   */
  transaction<T>(
    action: (within: Within) => T,
    { storage = 'disc' }: { storage?: Storage } = {},
  ): Promise<T> {
    const { environment } = this.#partitions[storage];
    return environment.transaction(() => runTransaction(environment, action));
  }

  /** As `transaction`, but blocks this thread, also while another process writes. */
  transactionSync<T>(action: (within: Within) => T, { storage = 'disc' }: { storage?: Storage } = {}): T {
    const { environment } = this.#partitions[storage];
    return environment.transactionSync(() => runTransaction(environment, action));
  }

  /** Reads see all that other processes had committed when this was called. For the start of each batch of messages. */
  refresh(): void {
    for (const { environment } of Object.values(this.#partitions)) environment.refresh();
  }

  /** Rows that another process has changed: the subscribers here are told, and see them. */
  receive(changes: readonly Changed[]): void {
    this.refresh();
    this.changes.deliver(changes);
  }

  /** While set, writes that the older version could not see are recorded. Replaces what was set; `{}` ends it. */
  keepWayBack(targets: WayBackTargets): void {
    for (const { wayBack } of Object.values(this.#partitions)) wayBack.keep(targets);
  }

  /** Of all processes, also of those that have ended. */
  wayBackFailures(): Failures {
    const [a, b] = [this.#partitions.disc.wayBack.report(), this.#partitions.ram.wayBack.report()];
    return { count: a.count + b.count, failures: [...a.failures, ...b.failures] };
  }

  /** Once nobody will return to the older version. */
  async forgetWayBack(): Promise<void> {
    for (const { environment, wayBack } of Object.values(this.#partitions)) {
      await environment.transaction(() => wayBack.forget());
    }
  }

  /** Begins to list the keys that this process writes. */
  trackWrites({ limit = TRACKED_KEYS }: { limit?: number } = {}): void {
    this.#watch.track(limit);
  }

  /**
   * The keys listed since tracking began or they were last taken; by then their writes are visible to other processes. With a guard
   * set before this is called, each write is either checked or among the keys.
   */
  async takeTracked(): Promise<TrackedKeys[]> {
    const tracked = this.#watch.takeTracked();
    await Promise.all(Object.values(this.#partitions).map(({ environment }) => environment.settled()));
    return tracked;
  }

  stopTracking(): void {
    this.#watch.stopTracking();
  }

  /**
   * From now on each write is checked through `chains`, which `useChains` gets too, to their newest version. Not strict: failures
   * are recorded; strict: such a write fails.
   */
  guard(options: { chains: Chains; schemas?: Readonly<Record<string, RowSchema>>; strict: boolean }): void {
    const { chains, schemas, strict } = options;
    this.useChains(chains);
    this.#watch.guard(Object.keys(chains), { schemas, strict });
  }

  unguard(): void {
    this.#watch.unguard();
  }

  guardFailures(): Failures {
    return this.#watch.guardFailures();
  }

  verifyLens(options: VerifyOptions): Promise<LensReport> {
    return this.#inspection.verifyLens(options);
  }

  /** As `verifyLens`, of some rows only; keys of rows that are gone are passed by. */
  verifyKeys(options: VerifyOptions, keys: readonly TableKey[]): Promise<LensReport> {
    return this.#inspection.verifyKeys(options, keys);
  }

  rowsPerVersion(table: AnyTable | string, signal?: AbortSignal): Promise<Record<number, number>> {
    return this.#inspection.rowsPerVersion(table, signal);
  }

  count(table: AnyTable | string): Promise<number> {
    return this.#inspection.count(table);
  }

  /** Up to `limit` keys of a stored table, attached or not, in their order; those after `after`. */
  keys(name: string, options: { after?: TableKey | undefined; limit: number }): Promise<TableKey[]> {
    return this.#inspection.keys(name, options);
  }

  /** Deletes rows of a stored table, attached or not, in one transaction. Returns how many there were. */
  async deleteKeys(name: string, keys: readonly TableKey[]): Promise<number> {
    const entry = this.tables().find((stored) => stored.name === name);
    if (entry === undefined) return 0;
    const core = await this.#coreOf({ ...entry, version: this.#chains.get(name)?.newest ?? 1 });
    const { environment } = this.#partitions[entry.storage];
    return environment.transaction(() => keys.filter((key) => core.delete(key)).length);
  }

  /**
   * Forgets a table that has no row and is entered with another key field, type or storage, so that it can be made as it is now
   * declared. Only for one that no code in use declares. Returns whether it did.
   */
  async forgetIfOther(shape: Pick<TableEntry, 'name' | 'key' | 'type' | 'storage'>): Promise<boolean> {
    const { name, key, type, storage } = shape;
    const entry = this.tables().find((stored) => stored.name === name);
    if (!entry || (entry.key === key && entry.type === type && entry.storage === storage)) return false;
    const partition = this.#partitions[entry.storage];
    const rows = await partition.rowsOf(name);
    return partition.environment.transaction(() => {
      if (rows.count() > 0) return false;
      partition.catalogue.forget(name);
      return true;
    });
  }

  /** Sizes of the storages and of all that is in them; in no time at all, or within `timeoutMs` where a writer stands still. */
  figures(options: FigureOptions): Promise<StorageFigures[]> {
    return storageFigures(Object.values(this.#partitions), options);
  }

  /** All tables stored, attached or not. */
  tables(): TableEntry[] {
    return Object.values(this.#partitions).flatMap(({ catalogue }) => catalogue.list());
  }

  /** Damaged rows that this process has come upon in reading. */
  get damage(): Failures {
    return this.#watch.damage.report();
  }

  /** Rows that scans of this process passed by, since its version can't have them; by table. */
  get skipped(): Record<string, number> {
    return this.#watch.skipped;
  }

  /**
   * A whole, flushed copy of the `disc` tables as of now, in the folder `toDir`, which must not exist; tables in `places` as they
   * stand there, where a restore has replaced them.
   */
  backup(toDir: string, places: Readonly<Record<string, string>> = {}): Promise<void> {
    return writeBackup(this.#partitions.disc.environment, toDir, places);
  }

  /**
   * Resolves when no write of this process is under way; those that are started from now on wait for `releaseWrites`. For the
   * time in which another process opens the store: see docs/adr/0007.
   */
  async holdWrites(): Promise<void> {
    await Promise.all(Object.values(this.#partitions).map(({ environment }) => environment.hold()));
  }

  releaseWrites(): void {
    for (const { environment } of Object.values(this.#partitions)) environment.release();
  }

  /** Frees what readers held that died. Returns how many there were. */
  readerCheck(): number {
    return Object.values(this.#partitions).reduce(
      (sum, { environment }) => sum + environment.readerCheck(),
      0,
    );
  }

  readers(): ReaderInfo[] {
    return Object.values(this.#partitions).flatMap(({ storage, environment }) =>
      environment.readers().map((reader) => ({ storage, ...reader })),
    );
  }

  /** Whether the writer locks of both storages could be had within the time. */
  async probeWriter(timeoutMs: number): Promise<boolean> {
    const probes = Object.values(this.#partitions).map(({ environment }) => environment.probe(timeoutMs));
    return (await Promise.all(probes)).every(Boolean);
  }

  /** After the writes under way. Throws if another process holds a writer lock for longer than that. */
  async close(timeoutMs = CLOSE_MS): Promise<void> {
    for (const table of this.#attached) table.bind(undefined);
    this.#attached.clear();
    const closing = Object.values(this.#partitions).map(({ environment }) => environment.close(timeoutMs));
    const failed = (await Promise.allSettled(closing)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #addChain(table: AnyTable, chains: Chains): void {
    const { name, version } = table;
    const own = [{ version }];
    const known = this.#chains.get(name);
    const chain = known?.merge(chains[name] ?? (known.has(version) ? known.steps : own));
    const merged = chain ?? new LensChain(table, chains[name] ?? own);
    if (!merged.has(version)) {
      throw new TableError(
        'bad_chain',
        `its chain of lenses lacks version ${version}, which this code writes`,
        {
          table: name,
        },
      );
    }
    this.#chains.set(name, merged);
  }

  /** Who only reads has nothing against another form of a table without rows: see `forgetIfOther`. */
  async #replaceable(tables: readonly AnyTable[], partition: Partition): Promise<Set<string>> {
    if (!partition.environment.readOnly) return new Set();
    const stored = tables.filter(({ name }) => partition.catalogue.find(name));
    const empty = await Promise.all(
      stored.map(async ({ name }) => (await partition.rowsOf(name)).count() === 0),
    );
    return new Set(stored.filter((_, at) => empty[at]).map(({ name }) => name));
  }

  #checkStorage(name: string, entry: TableEntry | undefined, own: readonly AnyTable[]): void {
    if (entry === undefined || own.some((table) => table.name === name)) return;
    throw new TableError('bad_table', `it is stored in ${entry.storage}; give the new table another name`, {
      table: name,
    });
  }

  async #bind(table: AnyTable): Promise<void> {
    table.bind(new TableBinding(await this.#coreOf(table), this.#partitions[table.storage].environment));
    this.#attached.add(table);
  }

  #coreOf(table: TableShape): Promise<TableCore<object, TableKey>> {
    const partition = this.#partitions[table.storage];
    return makeCore(table, { partition, chains: this.#chains, watch: this.#watch, changes: this.changes });
  }
}
