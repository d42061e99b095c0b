/**
 * The declared tables as this process has them. Sizes are the host's to tell; here stands what only the running release
 * knows: versions, whether its handles work, and the damage that it has come upon.
 */
import { type AnyTable, Table, TableError, type TableStore } from '../tables/index.ts';
import type { TableView } from '../wire/index.ts';

export interface OwnedTables {
  readonly application: string;
  readonly tables: readonly AnyTable[];
}

export function tableViews(owned: readonly OwnedTables[], store: TableStore): TableView[] {
  const probed = owned.flatMap(({ application, tables }) =>
    tables.map((handle) => ({ application, handle, ...probe(handle) })),
  );
  const damage = Map.groupBy(store.damage.failures, ({ table }) => table);
  return probed.map(({ application, handle: { name, version, storage }, attached, readable }) => {
    const damaged = damage.get(name)?.length ?? 0;
    return { application, name, version, storage, attached, damaged, readable };
  });
}

function probe(handle: AnyTable): { attached: boolean; readable: boolean } {
  if (!(handle instanceof Table)) return { attached: false, readable: false };
  try {
    return { attached: true, readable: handle.binding.core.probe() };
  } catch (error) {
    return { attached: !(error instanceof TableError && error.code === 'not_attached'), readable: false };
  }
}
