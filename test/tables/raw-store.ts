/** A store together with what is under it: for tests that look at index entries and not only at what a read makes of them. */
import { join } from 'node:path';
import { Changes } from '../../src/tables/changes.ts';
import type { LiveIndex } from '../../src/tables/index-catalogue.ts';
import { cut, valuesOf } from '../../src/tables/index-spec.ts';
import { LensChain } from '../../src/tables/lens-chain.ts';
import { Partition } from '../../src/tables/partition.ts';
import { DAMAGED } from '../../src/tables/row-codec.ts';
import { TableStore } from '../../src/tables/store.ts';
import type { Chain, TableKey } from '../../src/tables/types.ts';

export interface RawStore {
  readonly store: TableStore;
  readonly disc: Partition;
}

export async function openRaw(dir: string): Promise<RawStore> {
  const changes = new Changes();
  const disc = await Partition.open('disc', { path: join(dir, 'disc'), sync: true, changes });
  const ram = await Partition.open('ram', { path: join(dir, 'ram'), sync: false, changes });
  return { store: new TableStore({ disc, ram }, changes), disc };
}

type Entry = string;
const MANY = 1_000_000;

const entriesOf = (disc: Partition, { id, fields }: LiveIndex): Entry[] =>
  disc.indexes.entries
    .page(id, fields.length, {}, MANY)
    .entries.map(({ value, key }) => JSON.stringify([value, key]));

/** Entries that rows ask for and that are not there, and entries that no row asks for; each with its index. */
export async function disagreements(
  { disc }: RawStore,
  chains: Readonly<Record<string, Chain>> = {},
): Promise<string[]> {
  const indexes = disc.indexes.all().filter(({ state }) => state === 'ready');
  const tables = [...new Set(indexes.map(({ table }) => table))];
  const opened = await Promise.all(tables.map(async (name) => [name, await disc.rowsOf(name)] as const));
  const rowsOf = new Map(opened);
  return indexes.flatMap((index) => {
    const wanted = new Set<Entry>();
    const chain = chains[index.table];
    rowsOf.get(index.table)?.walk({}, (key: TableKey, row, version) => {
      if (row === DAMAGED) return;
      const seen = chain
        ? new LensChain({ name: index.table, key: 'id' }, chain).view(row as object, version, index.version)
        : (row as object);
      const value = valuesOf(index.fields, seen);
      if (value) wanted.add(JSON.stringify([value.map(cut), key]));
    });
    const found = new Set(entriesOf(disc, index));
    const where = `${index.table}.${index.name} of version ${index.version}`;
    return [
      ...[...wanted].filter((entry) => !found.has(entry)).map((entry) => `${where} lacks ${entry}`),
      ...[...found].filter((entry) => !wanted.has(entry)).map((entry) => `${where} has ${entry} too much`),
    ];
  });
}
