/**
 * What lenses cost, in CPU time: rows of version 1 read by the version 3, and rows of version 3 written over by version 1, which is a
 * write back. Rows that need no lens are read and written beside them.
 */
import { join } from 'node:path';
import { openStore, type Table, type TableStore, table, transaction } from '../../src/tables/index.ts';
import { type Contestant, inTurn, type Timings } from '../measure.ts';
import { COMBINED, FREE, FREE_WITH_PUT, newest, oldest } from './lens-rows.ts';

const ROWS = 10_000;
const IN_A_TRANSACTION = 1_000;
const WARM_UP = 2;

type Row = { id: string; author: string };
type Rows = Table<Row, string>;

const CHAINS = { free: FREE, free_with_put: FREE_WITH_PUT, combinators: COMBINED } as const;
type ChainName = keyof typeof CHAINS;
const CHAIN_NAMES = Object.keys(CHAINS) as ChainName[];

export interface LensTimings {
  /** Of each way, and of rows that need no lens, `none`. */
  readonly get: Timings;
  readonly put: Timings;
}

/** In `ram`: the time of a disk would hide what is looked for. */
const rowsOf = (name: string, version: number): Rows =>
  table<Row, string>({ name, version, key: 'id', storage: 'ram' });

async function withStore<T>(dir: string, tables: readonly Rows[], work: (store: TableStore) => Promise<T>) {
  const store = await openStore({ dir });
  try {
    await store.attach(tables, CHAINS);
    return await work(store);
  } finally {
    await store.close();
  }
}

async function putAll(rows: Rows, makeRow: (at: number) => Row): Promise<void> {
  for (let from = 0; from < ROWS; from += IN_A_TRANSACTION)
    await transaction(rows, (within) => {
      for (let at = from; at < from + IN_A_TRANSACTION; at += 1) within(rows).put(makeRow(at));
    });
}

/** Rows as version `stored` writes them, and as version `own` then finds them; those that need no lens are of `own`. */
async function seed(dir: string, stored: number, own: number, makers: Record<number, (at: number) => Row>) {
  const tables = CHAIN_NAMES.map((name) => rowsOf(name, stored));
  const none = rowsOf('none', own);
  await withStore(dir, [...tables, none], async () => {
    for (const rows of tables) await putAll(rows, makers[stored]!);
    await putAll(none, makers[own]!);
  });
  return [none, ...CHAIN_NAMES.map((name) => rowsOf(name, own))];
}

function getAll(rows: Rows): void {
  for (let at = 0; at < ROWS; at += 1)
    if (rows.get(IDS[at]!)?.author === undefined) throw new Error(`${rows.name}: row ${at} was not read`);
}

const IDS = Array.from({ length: ROWS }, (_, at) => oldest(at).id);
const MAKERS = { 1: oldest, 3: newest };

/** What is read of a table, and written to it, is of the version that its handle has. */
function assertSeen(rows: Rows, at: number): void {
  const row = rows.get(IDS[at]!);
  const expected = rows.version === 1 ? 'text' : 'body';
  if (row === undefined || !(expected in row))
    throw new Error(`${rows.name}: no row of version ${rows.version}`);
}

const measure = (tables: readonly Rows[], rounds: number, repeat: (rows: Rows) => void | Promise<void>) => {
  for (const rows of tables) assertSeen(rows, 0);
  const contestants = tables.map((rows): Contestant => ({ name: rows.name, repeat: () => repeat(rows) }));
  return inTurn(contestants, { rounds, times: ROWS, warmUp: WARM_UP, clock: 'cpu' });
};

const WRITER = 'writer ';
let written = 0;

/** Each round changes the rows: one that is written back unchanged may cost less. */
function putChanged(rows: Rows): Promise<void> {
  written += 1;
  return putAll(rows, (at) => ({ ...oldest(at), author: `${WRITER}${written}` }));
}

/** The older version's writes have arrived, and what it does not know has been kept. */
async function assertKept(dir: string): Promise<void> {
  const tables = CHAIN_NAMES.map((name) => rowsOf(name, 3));
  await withStore(dir, tables, async () => {
    for (const rows of tables) {
      const row = rows.get(IDS.at(-1)!) as (Row & { pinned?: boolean }) | undefined;
      if (row?.pinned !== true || !row.author.startsWith(WRITER))
        throw new Error(`${rows.name}: a write back has lost something: ${JSON.stringify(row)}`);
    }
  });
}

export async function measureLenses(dir: string, rounds: number): Promise<LensTimings> {
  console.log('rows through lenses …');
  const [reading, writing] = [join(dir, 'reading'), join(dir, 'writing')];
  const newer = await seed(reading, 1, 3, MAKERS);
  const get = await withStore(reading, newer, () => measure(newer, rounds, getAll));
  const older = await seed(writing, 3, 1, MAKERS);
  const put = await withStore(writing, older, () => measure(older, rounds, putChanged));
  await assertKept(writing);
  return { get, put };
}
