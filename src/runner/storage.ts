/**
 * The tables as this release sees them, through the newest chain of lenses that stored rows may need. The runtime keeps two
 * tables of its own beside the applications': the states of persisted servers, and one for probes.
 */
import type { PersistencePort } from '../otp/index.ts';
import { mergeChains } from '../release/appup.ts';
import { type Appups, loadAppupFile } from '../release/load-appup.ts';
import { SESSION_TABLES } from '../release/session-tables.ts';
import {
  type AnyTable,
  type Chain,
  type Chains,
  type Changed,
  type ChangesPort,
  openStore,
  type TableKey,
  type TableStore,
  table,
} from '../tables/index.ts';
import type {
  ChangedRows,
  LensFailure,
  LensReport,
  TableProgress,
  TableTarget,
  TableView,
} from '../wire/index.ts';
import type { Application } from './application.ts';
import { schemasOf } from './foreign-schemas.ts';
import { convertState } from './state-lens.ts';
import { type OwnedTables, tableViews } from './table-views.ts';
import { TableWork } from './table-work.ts';

interface SavedState {
  name: string;
  version: number;
  state: unknown;
}

const savedStates = table<SavedState, string>({
  name: 'erlmcp_server_state',
  version: 1,
  key: 'name',
  storage: 'disc',
});
const probes = table<{ id: string; at: number }, string>({
  name: 'erlmcp_probe',
  version: 1,
  key: 'id',
  storage: 'disc',
});

export interface Targets {
  [table: string]: number;
}

export class Storage {
  readonly #store: TableStore;
  readonly #tables: readonly AnyTable[];
  readonly #owned: readonly OwnedTables[];
  #newer: Chains = {};
  #closed = false;
  #servers: Record<string, Chain>;

  private constructor(
    store: TableStore,
    owned: readonly OwnedTables[],
    tables: readonly AnyTable[],
    servers: Record<string, Chain>,
  ) {
    this.#store = store;
    this.#owned = owned;
    this.#tables = tables;
    this.#servers = servers;
  }

  /** @param newestAppup path of the chain that reads every stored row; left out where nothing is stored yet */
  static async open(
    dir: string,
    applications: readonly Application[],
    newestAppup: string | undefined,
    readOnly: boolean,
    opened: () => void,
  ): Promise<Storage> {
    const own = mergeChains(applications.flatMap(({ appup }) => appup ?? []));
    const newest =
      newestAppup === undefined ? own : mergeChains(Object.values(await loadAppupFile(newestAppup)));
    const store = await openStore({ dir, readOnly });
    const tables = applications.flatMap((application) => application.tables);
    const internal = readOnly ? [] : [savedStates, probes];
    await store.attach([...tables, ...internal], longest(own.tables, newest.tables));
    // Not before: what is attached is written, and nobody may write while the next one opens.
    opened();
    const owned = applications.map(({ name, tables }) => ({ application: name, tables }));
    const all = [...owned, { application: 'erlmcp', tables: internal }];
    return new Storage(store, all, tables, longest(own.servers, newest.servers));
  }

  /** Chains of server states, by server name. */
  get serverChains(): Readonly<Record<string, Chain>> {
    return this.#servers;
  }

  /** At the start of each batch of messages: some may still come while the process ends. */
  refresh(): void {
    if (!this.#closed) this.#store.refresh();
  }

  /** Learns the lenses of a newer release. */
  learn(appups: Appups): string[] {
    const { tables, servers } = mergeChains(Object.values(appups));
    this.#newer = tables;
    this.#store.useChains(tables);
    this.#servers = longest(this.#servers, servers);
    return Object.keys(tables);
  }

  async holdWrites(on: boolean): Promise<void> {
    if (on) await this.#store.holdWrites();
    else this.#store.releaseWrites();
  }

  track(on: boolean): void {
    if (on) this.#store.trackWrites();
    else this.#store.stopTracking();
  }

  /** Checks each write through the newer lenses and schemas from now on; the failures so far. */
  guard(mode: 'off' | 'record' | 'strict', targets: Readonly<Record<string, TableTarget>>): LensFailure[] {
    const failures = this.#store.guardFailures().failures.map(printed);
    if (mode === 'off') this.#store.unguard();
    else this.#store.guard({ chains: this.#newer, schemas: schemasOf(targets), strict: mode === 'strict' });
    return failures;
  }

  /** Every row of the applications' tables to the target version and back. A table that the store has not yet has no rows. */
  async verify(
    targets: Targets,
    signal: AbortSignal,
    tell: (progress: TableProgress) => void,
  ): Promise<LensReport[]> {
    const reports: LensReport[] = [];
    const stored = new Set(this.#store.tables().map(({ name }) => name));
    for (const handle of this.#tables) {
      if (!stored.has(handle.name)) {
        reports.push({ table: handle.name, rows: 0, versions: {}, failures: [], losses: [] });
        continue;
      }
      const report = await this.#store.verifyLens({
        table: handle,
        version: targets[handle.name],
        signal,
        onProgress: ({ rows, total }) => tell({ table: handle.name, rows, total }),
      });
      reports.push(toWire(handle.name, report));
    }
    return reports;
  }

  /** The rows that were written since tracking began; all of a table where there were too many to list. */
  async verifyTracked(
    targets: Targets,
    signal: AbortSignal,
  ): Promise<{ rows: number; failures: LensFailure[] }> {
    const failures: LensFailure[] = [];
    let rows = 0;
    for (const { table: name, keys, overflowed } of await this.#store.takeTracked()) {
      const handle = this.#tables.find((declared) => declared.name === name);
      if (!handle) continue;
      const options = { table: name, version: targets[name], signal };
      const report = overflowed
        ? await this.#store.verifyLens(options)
        : await this.#store.verifyKeys(options, keys);
      rows += report.rows;
      failures.push(...report.failures.map(printed));
    }
    return { rows, failures };
  }

  /** To the runners that subscribe to a table of which this one changes rows. */
  announceChanges(port: ChangesPort): void {
    this.#store.changes.connect(port);
  }

  /** The tables to which other runners subscribe. */
  listenFor(tables: readonly string[]): void {
    this.#store.changes.elsewhere = tables;
  }

  receive(changes: readonly ChangedRows[]): void {
    this.#store.receive(changes as readonly Changed[]);
  }

  buildIndexes(signal?: AbortSignal): Promise<void> {
    return this.#store.maintenance.buildIndexes({ signal });
  }

  dropIndexes(keep: Readonly<Record<string, readonly number[]>>): Promise<void> {
    return this.#store.maintenance.dropIndexes(keep);
  }

  /** Makes sure that this process can go over to rows that are about to take a table's place. */
  async prepare(places: readonly string[]): Promise<void> {
    await this.#store.maintenance.prepare(places);
    this.#store.refresh();
  }

  /** What a runner of the role `check` or `tend` is there for. */
  work(tell: (progress: TableProgress) => void): TableWork {
    return new TableWork(this.#store, tell);
  }

  /** While set, each write also proves that the version to return to can read it. */
  keepWayBack(targets: Readonly<Record<string, TableTarget>> | null): LensFailure[] {
    const schemas = schemasOf(targets ?? {});
    const wanted = Object.entries(targets ?? {}).map(([name, { version }]) => {
      const schema = schemas[name];
      return [name, schema ? { version, schema } : { version }] as const;
    });
    this.#store.keepWayBack(Object.fromEntries(wanted));
    return this.#store.wayBackFailures().failures.map(printed);
  }

  /** A row in and out, through a flushed write. */
  async probe(): Promise<{ tables: string[]; flushMs: number }> {
    const id = `probe-${process.pid}`;
    const started = performance.now();
    await probes.put({ id, at: Date.now() });
    const flushMs = performance.now() - started;
    this.#store.refresh();
    if (probes.get(id) === undefined) throw new Error('a probe row that was written can not be read');
    await probes.delete(id);
    return { tables: this.#tables.map(({ name }) => name), flushMs };
  }

  /** Removes what these sessions, which have ended, have left in any release's tables; after all that was written here before. */
  async forgetSessions(ids: readonly string[]): Promise<number> {
    let rows = 0;
    for (const { name } of this.#store.tables())
      if (name.startsWith(SESSION_TABLES)) rows += await this.#store.deleteKeys(name, ids);
    return rows;
  }

  /** The handle of a table, the runtime's own included. */
  table(name: string): AnyTable | undefined {
    return this.#owned.flatMap(({ tables }) => tables).find((handle) => handle.name === name);
  }

  views(): TableView[] {
    return tableViews(this.#owned, this.#store);
  }

  /** States of `persist: true` servers: rows that are flushed before the reply, converted when another version wrote them. */
  persistence(versionOf: (name: string) => number | undefined): PersistencePort {
    return {
      load: async (name) => {
        const saved = savedStates.get(name);
        if (!saved) return undefined;
        const version = versionOf(name) ?? saved.version;
        const state = convertState(this.#servers[name], saved.version, version, saved.state);
        return { version: saved.version, state };
      },
      save: (name, version, state) => savedStates.put({ name, version, state }),
    };
  }

  /** Resolves when no transaction of this process is open. */
  async rest(): Promise<void> {
    await this.#store.takeTracked();
    this.#store.refresh();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#store.close();
  }
}

/** Of two chains of the same name the one that knows more versions. */
function longest(one: Chains, other: Chains): Record<string, Chain> {
  const merged: Record<string, Chain> = { ...one };
  for (const [name, chain] of Object.entries(other))
    if ((merged[name]?.length ?? 0) < chain.length) merged[name] = chain;
  return merged;
}

const printed = ({ table, key, reason }: { table: string; key: TableKey; reason: string }): LensFailure => ({
  table,
  key: String(key),
  reason,
});

function toWire(name: string, report: Awaited<ReturnType<TableStore['verifyLens']>>): LensReport {
  return {
    table: name,
    rows: report.rows,
    versions: { ...report.versions },
    failures: report.failures.map(printed),
    losses: report.losses.map(({ table, field, rows, firstKey }) => ({
      table,
      field,
      rows,
      firstKey: String(firstKey),
    })),
  };
}
