/** Filters, order and limit of the rows of an answer: the same for people and for `--json`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { plural } from './output/format.ts';

export interface Filter<Row> {
  /** As commander has it: `--name <pattern>`. */
  readonly flag: `--${string} <${string}>`;
  readonly doc: string;
  /** The only values that it takes; any, unless given. */
  readonly choices?: readonly string[];
  readonly keep: (row: Row, value: string) => boolean;
}

export interface RowList<Row> {
  /** Key of the rows in the answer. Without it the answer is an array of rows and nothing else. */
  readonly at?: string;
  readonly filters?: readonly Filter<Row>[];
  /** Keys of `--sort <key>`: numbers largest first, text by alphabet, rows without a value last. */
  readonly sorts?: Readonly<Record<string, (row: Row) => SortValue>>;
}

type SortValue = string | number | null | undefined;

/** For its type alone: filters and sorts are then known to be of these rows. */
export const rowsOf = <Row>(list: RowList<Row>): RowList<Row> => list;

/** Part of a text, in any case; with `*` and `?` a pattern for all of it. */
export function textFilter<Row>(
  flag: Filter<Row>['flag'],
  what: string,
  of: (row: Row) => string | null | undefined,
): Filter<Row> {
  return {
    flag,
    doc: `only rows whose ${what} contains this; * and ? stand for any text and any character`,
    keep: (row, pattern) => matches(of(row) ?? '', pattern),
  };
}

/** One of a few values, spelt as the table shows them. */
export const choiceFilter = <Row>(
  flag: Filter<Row>['flag'],
  what: string,
  choices: readonly string[],
  of: (row: Row) => string,
): Filter<Row> => ({
  flag,
  doc: `only rows with this ${what}`,
  choices,
  keep: (row, value) => of(row) === value,
});

export interface Listed<Result> {
  readonly result: Result;
  /** What a person has to know about the rows that are missing. */
  readonly note: string | undefined;
}

export function declareList<Row>(command: Command, { filters = [], sorts = {} }: RowList<Row>): void {
  for (const { flag, doc, choices } of filters) {
    const option = new Option(flag, doc);
    command.addOption(choices ? option.choices(choices) : option);
  }
  const keys = Object.keys(sorts);
  if (keys.length > 0) {
    command.addOption(new Option('--sort <key>', 'numbers largest first, text by alphabet').choices(keys));
  }
  command.addOption(new Option('--limit <rows>', 'only the first so many rows').argParser(parseLimit));
}

export function applyList<Result, Row>(
  list: RowList<Row>,
  result: Result,
  options: Readonly<Record<string, unknown>>,
): Listed<Result> {
  const all = rowsIn<Row>(result, list.at);
  const kept = sorted(list, filtered(list, all, options), options.sort);
  const limit = typeof options.limit === 'number' ? options.limit : kept.length;
  const rows = kept.slice(0, limit);
  return {
    result: (list.at === undefined ? rows : { ...result, [list.at]: rows }) as Result,
    note: noteOn(all.length, kept.length, limit),
  };
}

function rowsIn<Row>(result: unknown, at: string | undefined): readonly Row[] {
  const rows = at === undefined ? result : (result as Readonly<Record<string, unknown>>)[at];
  if (!Array.isArray(rows)) throw new TypeError(`the answer has no list ${at ?? ''}`);
  return rows;
}

function filtered<Row>(
  { filters = [] }: RowList<Row>,
  rows: readonly Row[],
  options: Readonly<Record<string, unknown>>,
): readonly Row[] {
  return filters.reduce((kept, { flag, keep }) => {
    const value = options[new Option(flag).attributeName()];
    return typeof value === 'string' ? kept.filter((row) => keep(row, value)) : kept;
  }, rows);
}

function sorted<Row>({ sorts = {} }: RowList<Row>, rows: readonly Row[], key: unknown): readonly Row[] {
  const sortValue = typeof key === 'string' ? sorts[key] : undefined;
  return sortValue ? [...rows].sort((one, other) => order(sortValue(one), sortValue(other))) : rows;
}

function order(one: SortValue, other: SortValue): number {
  if (typeof one === 'number' && typeof other === 'number') return other - one;
  const [first, second] = [one ?? undefined, other ?? undefined];
  if (first === undefined || second === undefined)
    return Number(first === undefined) - Number(second === undefined);
  return String(first).localeCompare(String(second));
}

function noteOn(all: number, kept: number, limit: number): string | undefined {
  if (kept === 0 && all > 0)
    return all === 1 ? 'The only row does not match.' : `None of ${all} rows matches.`;
  return kept > limit ? `${plural(kept - limit, 'more row')} left out by --limit ${limit}` : undefined;
}

function matches(text: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return text.toLowerCase().includes(pattern.toLowerCase());
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number of rows from 1 on.');
}
