/**
 * Everything that is known of the tables at this moment, from two sides: the host has all of them open and tells sizes; the
 * runner that serves knows what they are. Either side may be late, and then the other still answers.
 */
import type { TableRow } from '../../control/index.ts';
import type { StorageFigures, TableFigures } from '../../tables/index.ts';
import type { TableView } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { erlmcpRegistry } from '../registry.ts';
import { knownDamage } from '../tasks/known-damage.ts';

/** A writer that stands still is ended sooner than this. */
const STORE_MS = 1_500;
const RUNNER_MS = 1_500;
/** Of the rows that are asked for their versions, per table. */
export const VERSION_SAMPLE = 10_000;
/** As many where nobody has asked for them. */
const SMALL_SAMPLE = 1_000;

export interface TablesNow {
  storages: StorageFigures[];
  rows: TableRow[];
  /** What a row took to be on disk; null where it was not in time. */
  flushMs: number | null;
}

type Figures = TableFigures & { readonly writable: boolean };

export async function tablesNow(node: NodeParts, versionsOf = SMALL_SAMPLE): Promise<TablesNow> {
  const runner = node.fleet.active;
  const [storages, declared, flushMs] = await Promise.all([
    node.tables.figures({ timeoutMs: STORE_MS, versionsOf }),
    runner?.call('tableViews', {}, RUNNER_MS).then(({ tables }) => tables, noAnswer),
    runner?.call('probeTables', {}, RUNNER_MS).then((probe) => probe.flushMs, noAnswer),
  ]);
  const stored = new Map(storages.flatMap(figuresByName));
  const known = [registryView(node, stored), ...(declared ?? [])];
  const damage = knownDamage(node.tasks);
  const views = new Map(
    known.map((view) => [
      view.name,
      { ...view, damaged: Math.max(view.damaged, damage.get(view.name) ?? 0) },
    ]),
  );
  const late = declared === undefined;
  const unwritten = late || flushMs !== undefined ? [] : ['disc'];
  const { progress = null } = node.tasks.running('settle') ?? {};
  const rows = [...new Set([...stored.keys(), ...views.keys()])]
    .map((name) => ({
      ...rowOf(name, stored.get(name), views.get(name), late, unwritten),
      settling: progress?.table === name ? progress.rows : null,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return { storages, rows, flushMs: flushMs ?? null };
}

const noAnswer = (): undefined => undefined;

const figuresByName = ({ tables, writable }: StorageFigures): [string, Figures][] =>
  tables.map((table) => [table.name, { ...table, writable }]);

/** The host's own table: no runner declares it. */
function registryView({ tables }: NodeParts, stored: ReadonlyMap<string, Figures>): TableView {
  const { name, version, storage } = erlmcpRegistry;
  const damaged = tables.damage.failures.filter(({ table }) => table === name).length;
  const attached = stored.has(name);
  const readable = attached && erlmcpRegistry.binding.core.probe();
  return { application: 'erlmcp', name, version, storage, attached, damaged, readable };
}

function rowOf(
  name: string,
  figures: Figures | undefined,
  view: TableView | undefined,
  late: boolean,
  unwritten: readonly string[],
): Omit<TableRow, 'settling'> {
  return {
    name,
    owner: view?.application ?? null,
    version: view?.version ?? null,
    storage: figures?.storage ?? view!.storage,
    type: figures?.type ?? null,
    key: figures?.key ?? null,
    rows: figures ? figures.rows : 0,
    bytes: figures ? figures.bytes : 0,
    damaged: view?.damaged ?? 0,
    row_versions: figures?.versions ? { ...figures.versions.rows } : null,
    rows_looked: figures?.versions?.looked ?? null,
    status: statusOf(figures, view, late, unwritten),
  };
}

function statusOf(
  figures: Figures | undefined,
  view: TableView | undefined,
  late: boolean,
  unwritten: readonly string[],
): TableRow['status'] {
  if (view === undefined) return late ? 'no_answer' : 'unused';
  if (figures === undefined || !view.attached) return 'missing';
  if (view.damaged > 0 || !view.readable) return 'damaged';
  return figures.writable && !unwritten.includes(figures.storage) ? 'ok' : 'not_writable';
}
