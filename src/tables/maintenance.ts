import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, buildIndexes } from './build-index.ts';
import { LensChain } from './lens-chain.ts';
import type { Partition } from './partition.ts';
import { changeOver, copyFromBackup, type Replacement, type RestoreOptions } from './restore.ts';
import { type SettleOptions, type SettleReport, settleTable } from './settle.ts';
import type { AnyTable, Storage, TableShape } from './types.ts';

/** Work on whole tables of a live store, in chunks that let others write: indexes, settling, restoring. */
export class Maintenance {
  readonly #partitions: Readonly<Record<Storage, Partition>>;
  readonly #attached: ReadonlySet<AnyTable>;
  readonly #chains: ReadonlyMap<string, LensChain>;

  constructor(
    partitions: Readonly<Record<Storage, Partition>>,
    attached: ReadonlySet<AnyTable>,
    chains: ReadonlyMap<string, LensChain>,
  ) {
    this.#partitions = partitions;
    this.#attached = attached;
    this.#chains = chains;
  }

  /** A copy of all tables, those in `ram` too, as a store of its own in the folder `to`: each storage as of its own moment, and not flushed. */
  async copyTo(to: string): Promise<void> {
    for (const { storage, environment } of Object.values(this.#partitions)) {
      const folder = join(to, storage);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await environment.copyTo(folder);
    }
  }

  /** Enters the indexes that tables declare and that are new. */
  async declareIndexes(tables: readonly AnyTable[]): Promise<void> {
    const indexed = tables.filter(({ index = [] }) => index.length > 0);
    for (const table of indexed) {
      const partition = this.#partitions[table.storage];
      const { environment, indexes } = partition;
      if (environment.readOnly) continue;
      const rows = await partition.rowsOf(table.name);
      await environment.transaction(() => indexes.declare(table, rows.count() === 0));
    }
  }

  /** Builds the indexes of the attached tables that are new, while others write. Until then `by` refuses. */
  async buildIndexes(options: BuildOptions = {}): Promise<void> {
    for (const table of this.#attached) {
      const partition = this.#partitions[table.storage];
      const { environment, indexes } = partition;
      const building = indexes
        .of(table.name)
        .filter(({ version, state }) => version === table.version && state === 'building');
      if (building.length === 0) continue;
      const rows = await partition.rowsOf(table.name);
      const chain = (): LensChain => chainOf(this.#chains, table);
      await buildIndexes({ environment, catalogue: indexes, rows, chain }, building, options);
    }
  }

  /** Drops the indexes of versions to which nobody returns; `kept` are those that stay, by table. */
  async dropIndexes(kept: Readonly<Record<string, readonly number[]>>): Promise<void> {
    for (const { environment, indexes } of Object.values(this.#partitions)) {
      await environment.transaction(() => {
        for (const index of indexes.all())
          if (!(kept[index.table] ?? []).includes(index.version)) indexes.drop(index);
      });
      while (await environment.transaction(() => indexes.clearDropped(DROP_CHUNK)));
    }
  }

  /** Rewrites the rows of older versions of the attached tables as their current one. */
  async settle(options: SettleOptions = {}): Promise<SettleReport[]> {
    const reports: SettleReport[] = [];
    for (const table of this.#attached) {
      const partition = this.#partitions[table.storage];
      const { name, version, schema } = table;
      const rows = await partition.rowsOf(name);
      const { environment, indexes } = partition;
      const settled = {
        name,
        version,
        schema,
        rows,
        indexes,
        environment,
        chain: chainOf(this.#chains, table),
      };
      reports.push(await settleTable(settled, options));
    }
    return reports;
  }

  /** Copies tables of a backup beside those that are in use; `changeOver` then puts them into their place. */
  copyFromBackup(dir: string, options: Omit<RestoreOptions, 'chainOf'> = {}): Promise<Replacement[]> {
    return copyFromBackup(this.#partitions.disc, dir, {
      ...options,
      chainOf: (name) => this.#chains.get(name),
    });
  }

  /** Opens rows that are about to take a table's place, so that this process can go over to them in the middle of its writes. */
  prepare(places: readonly string[]): Promise<void> {
    return this.#partitions.disc.prepare(places);
  }

  /** Puts copied tables into their place, all at once and for all processes. The result: places that are not used any more. */
  changeOver(replacements: readonly Replacement[]): Promise<string[]> {
    return changeOver(this.#partitions.disc, replacements);
  }

  /** Frees what was replaced, once every process has gone over; or copies that are not wanted. */
  async dropPlaces(places: readonly string[]): Promise<void> {
    const { environment, indexes } = this.#partitions.disc;
    for (const place of places) await environment.dropRows(place);
    while (await environment.transaction(() => indexes.clearDropped(DROP_CHUNK)));
  }
}

/** Entries removed in one transaction. */
const DROP_CHUNK = 1_000;

/** The chain of a table; of its own version alone where none is known. */
export const chainOf = (chains: ReadonlyMap<string, LensChain>, table: TableShape): LensChain =>
  chains.get(table.name) ?? new LensChain(table, [{ version: table.version }]);
