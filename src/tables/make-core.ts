/** One table of a store as one version of the code sees it, tied to all that the store wants to know of its reads and writes. */
import type { Changes } from './changes.ts';
import type { LensChain } from './lens-chain.ts';
import { chainOf } from './maintenance.ts';
import type { Partition } from './partition.ts';
import { TableCore } from './table-core.ts';
import type { TableKey, TableShape } from './types.ts';
import type { WriteWatch } from './write-watch.ts';

export interface CoreParts {
  readonly partition: Partition;
  readonly chains: ReadonlyMap<string, LensChain>;
  readonly watch: WriteWatch;
  readonly changes: Changes;
}

export async function makeCore(
  table: TableShape,
  { partition, chains, watch, changes }: CoreParts,
): Promise<TableCore<object, TableKey>> {
  const { name } = table;
  const { wayBack, indexes } = partition;
  const chain = (): LensChain => chainOf(chains, table);
  const rows = await partition.rowsOf(name);
  rows.belongTo({ table: name, key: table.key });
  return new TableCore({
    shape: table,
    rows,
    chain,
    beforeWrite: (key, row, version) => watch.beforeWrite(wayBack, name, chain, key, row, version),
    beforeRemove: (key) => watch.beforeRemove(wayBack, name, key),
    onDamage: (key) => watch.damage.add(name, key),
    onSkip: () => watch.skip(name),
    changed: (key) => changes.note(name, key),
    indexes,
  });
}
