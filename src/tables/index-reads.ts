import type { IndexCatalogue, LiveIndex } from './index-catalogue.ts';
import type { Entry, EntryRange } from './index-entries.ts';
import { cut, indexShapes, valuesOf } from './index-spec.ts';
import { TableError } from './table-error.ts';
import type { KeyPart, TableKey, TableShape } from './types.ts';

/** Values of an index, one for each of its fields or of its first ones; bounds as in a range of keys. */
export interface IndexRange {
  readonly equal?: IndexValue | undefined;
  readonly start?: IndexValue | undefined;
  readonly end?: IndexValue | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
}

export type IndexValue = KeyPart | readonly KeyPart[];

/** As many entries are read at once, with their rows: a loop that waits in its body holds no snapshot. */
const PAGE = 128;

/** Rows in the order of an index. An entry is only a hint: what comes out is held against the row's own values. */
export function* rowsBy<Row extends object>(
  indexes: IndexCatalogue,
  shape: TableShape,
  name: string,
  range: IndexRange,
  read: (key: TableKey) => Row | undefined,
): Generator<Row, void, undefined> {
  const { id, fields } = readyIndex(indexes, shape, name);
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  let bounds: EntryRange | undefined = toEntryRange(shape.name, range);
  while (bounds !== undefined && left > 0) {
    const { equal } = bounds;
    const page = indexes.entries.page(id, fields.length, bounds, PAGE);
    const rows = page.entries.map((entry) => rowOf(fields, entry, equal, read));
    for (const row of rows) {
      if (row === undefined) continue;
      yield row;
      if (--left === 0) return;
    }
    bounds = page.last === undefined ? undefined : { ...bounds, after: page.last };
  }
}

/** Undefined for an entry that was left behind. */
function rowOf<Row extends object>(
  fields: readonly string[],
  { key, value }: Entry,
  equal: readonly KeyPart[] | undefined,
  read: (key: TableKey) => Row | undefined,
): Row | undefined {
  const row = read(key);
  const found = row && valuesOf(fields, row);
  if (!found?.every((part, place) => cut(part) === value[place])) return undefined;
  return equal?.every((part, place) => part === found[place]) === false ? undefined : row;
}

function readyIndex(indexes: IndexCatalogue, shape: TableShape, name: string): LiveIndex {
  const index = indexes.find(shape.name, shape.version, name);
  if (index?.state === 'ready') return index;
  const declared = indexShapes(shape).some((known) => known.name === name);
  if (!declared) throw new TableError('bad_table', `it has no index ${name}`, { table: shape.name });
  const sentence = index
    ? `its index ${name} is being built; try again`
    : `its index ${name} is not kept any more; it is built again when the node starts, or by the next upgrade`;
  throw new TableError('index_building', sentence, { table: shape.name });
}

function toEntryRange(table: string, { equal, start, end, reverse }: IndexRange): EntryRange {
  if (equal !== undefined && (start !== undefined || end !== undefined))
    throw new TableError('bad_key', 'a range by an index has a value, or a start and end, not both', {
      table,
    });
  return { equal: parts(equal), start: parts(start), end: parts(end), reverse };
}

const parts = (value: IndexValue | undefined): readonly KeyPart[] | undefined =>
  value === undefined ? undefined : typeof value === 'object' ? value : [value];
