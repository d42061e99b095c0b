/** `ets`: the tables as the running release sees them. A table of an application is read by the active runner, through its lenses. */
import {
  atom,
  badarg,
  type Call,
  type ConsoleFunction,
  list,
  type Term,
  toTerm,
  tuple,
  UNDEFINED,
} from '../../admin/console/index.ts';
import type { ResultOf } from '../../control/index.ts';
import type { InspectAnswer, InspectQuery, KeyStep } from '../../wire/index.ts';
import { keyOf, nameOf } from './arguments.ts';
import { type ConsoleSources, inspectHost, inspectRunner, nodeName } from './sources.ts';

type TableRow = ResultOf<'ets_tables'>[number];

const MODULE = 'ets';
const MAX_ROWS = 1_000;
const MAX_BYTES = 1024 * 1024;
/** `ets` counts memory in words. */
const WORD_BYTES = 8;

export function etsFunctions(sources: ConsoleSources): ConsoleFunction[] {
  const tables = (call: Call) => sources.control.ets_tables({}, call.context);
  return [
    {
      module: MODULE,
      name: 'all',
      args: [],
      summary: 'the names of the tables',
      run: async (_args, call) => list((await tables(call)).map(({ name }) => atom(name))),
    },
    {
      module: MODULE,
      name: 'info',
      args: ['Table'],
      summary: 'what a table is, its size, and its memory in words of 8 bytes; undefined where there is none',
      run: async ([table], call) => {
        const name = nameOf(table, 'table');
        const row = (await tables(call)).find((one) => one.name === name);
        return row === undefined ? UNDEFINED : infoTerm(row);
      },
    },
    {
      module: MODULE,
      name: 'tab2list',
      args: ['Table'],
      summary: `the rows, at most ${MAX_ROWS} and 1 MiB of them`,
      run: async ([table], call) => {
        const name = nameOf(table, 'table');
        const query = { what: 'rows', name, limit: MAX_ROWS, bytes: MAX_BYTES } as const;
        const { values, more } = await readTable(sources, query);
        if (more > 0) call.note(`... and ${more} more rows. ets:lookup(${name}, Key). reads any one.`);
        return list(values.map((row) => toTerm(row)));
      },
    },
    {
      module: MODULE,
      name: 'tab2list',
      args: ['Table', 'Key'],
      summary: 'as tab2list(Table), of the rows after a key',
      run: async ([table, key]) => {
        const after = keyOf(key);
        const query = {
          what: 'rows',
          name: nameOf(table, 'table'),
          after,
          limit: MAX_ROWS,
          bytes: MAX_BYTES,
        } as const;
        return list((await readTable(sources, query)).values.map((row) => toTerm(row)));
      },
    },
    ...(['first', 'last'] as const).map((step) => keyFunction(sources, step, ['Table'])),
    ...(['next', 'prev'] as const).map((step) => keyFunction(sources, step, ['Table', 'Key'])),
    {
      module: MODULE,
      name: 'lookup',
      args: ['Table', 'Key'],
      summary: 'the row with a key, as a list',
      run: async ([table, key]) => {
        const query = {
          what: 'row',
          name: nameOf(table, 'table'),
          key: keyOf(key),
          bytes: MAX_BYTES,
        } as const;
        return list((await readTable(sources, query)).values.map((row) => toTerm(row)));
      },
    },
  ];
}

const KEYS: Readonly<Record<KeyStep, string>> = {
  first: "the first key, or '$end_of_table'",
  last: "the last key, or '$end_of_table'",
  next: "the key after another one, or '$end_of_table'",
  prev: "the key before another one, or '$end_of_table'",
};

const keyFunction = (sources: ConsoleSources, step: KeyStep, args: string[]): ConsoleFunction => ({
  module: MODULE,
  name: step,
  args,
  summary: KEYS[step],
  run: async ([table, key]) => {
    const beside = key === undefined ? {} : { key: keyOf(key) };
    const query = { what: 'key', name: nameOf(table, 'table'), step, ...beside, bytes: MAX_BYTES } as const;
    const { values } = await readTable(sources, query);
    return values.length === 0 ? atom('$end_of_table') : keyTerm(values[0]);
  },
});

/** As `lookup` takes it: a compound key is a tuple. */
const keyTerm = (key: unknown): Term =>
  Array.isArray(key) ? tuple(...key.map((part) => toTerm(part))) : toTerm(key);

/** Throws `{badarg, Table}` for a table that is not there. */
async function readTable(sources: ConsoleSources, query: InspectQuery): Promise<InspectAnswer> {
  const own = await inspectHost(query);
  const answer = own.found ? own : await inspectRunner(sources.fleet(), query);
  if (answer.found) return answer;
  throw badarg(
    atom(query.name),
    `The running release has no table ${query.name}.`,
    'ets:all(). lists the tables.',
  );
}

const infoTerm = (row: TableRow): Term =>
  list([
    tuple(atom('name'), atom(row.name)),
    tuple(atom('owner'), word(row.owner)),
    tuple(atom('size'), toTerm(row.rows)),
    tuple(atom('memory'), row.bytes === null ? UNDEFINED : Math.ceil(row.bytes / WORD_BYTES)),
    tuple(atom('keypos'), word(row.key)),
    tuple(atom('type'), word(row.type)),
    tuple(atom('storage'), atom(row.storage)),
    tuple(atom('version'), toTerm(row.version)),
    tuple(atom('status'), atom(row.status)),
    tuple(atom('damaged'), toTerm(row.damaged)),
    tuple(atom('named_table'), atom('true')),
    tuple(atom('protection'), atom('public')),
    tuple(atom('node'), atom(nodeName())),
  ]);

const word = (name: string | null): Term => (name === null ? UNDEFINED : atom(name));

/** Names of the tables, for completion. */
export const tableNames = async ({ control }: ConsoleSources, call: Call): Promise<string[]> =>
  (await control.ets_tables({}, call.context)).map(({ name }) => name);
