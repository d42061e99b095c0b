/**
 * Answers the console's questions about the tables and processes of this OS process. Looking changes nothing. A table is read in
 * small pages, each in a snapshot of its own, with a turn of the event loop between them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessTable } from '../otp/index.ts';
import { structuredEqual, Table, type TableKey } from '../tables/index.ts';
import type { InspectAnswer, InspectQuery, KeyStep } from '../wire/index.ts';
import { Budget, plainCopy } from './plain.ts';

/** Rows of one snapshot: few, since each may be large. */
const PAGE = 16;
/** A server that does not answer is at work. */
const ANSWER_MS = 2_000;

export interface Inspected {
  processes: ProcessTable;
  /** The handle of a table that this OS process has attached. */
  table(name: string): unknown;
}

type AnyRows = Table<Record<string, unknown>, TableKey>;

export async function inspect(query: InspectQuery, { processes, table }: Inspected): Promise<InspectAnswer> {
  const { what, name, bytes } = query;
  if (what === 'state') return one(await processes.system(name, ['get_state'], ANSWER_MS), bytes);
  if (what === 'status') return one(await processes.system(name, ['get_status'], ANSWER_MS), bytes);
  const handle = table(name);
  if (!(handle instanceof Table)) return { found: false, values: [], more: 0 };
  const rows = handle as AnyRows;
  if (what === 'rows') return await readRows(rows, query.limit, bytes, query.after as TableKey | undefined);
  if (what === 'key') return keysOf(rows, query.step, query.key as TableKey | undefined);
  const row = rows.get(query.key as TableKey);
  return row === undefined ? { found: true, values: [], more: 0 } : one(row, bytes);
}

const one = (value: unknown, bytes: number): InspectAnswer => ({
  found: true,
  values: [plainCopy(value, new Budget(bytes))],
  more: 0,
});

/** The key need not be there itself. */
function keysOf(rows: AnyRows, step: KeyStep, beside: TableKey | undefined): InspectAnswer {
  const reverse = step === 'last' || step === 'prev';
  const near = [...rows.range({ start: beside, reverse, limit: 2 })].map((row) => row[rows.key]);
  const key = near.find((found) => beside === undefined || !structuredEqual(found, beside));
  return { found: true, values: key === undefined ? [] : [key], more: 0 };
}

async function readRows(
  rows: AnyRows,
  limit: number,
  bytes: number,
  after: TableKey | undefined,
): Promise<InspectAnswer> {
  const budget = new Budget(bytes);
  const values: unknown[] = [];
  let page: Record<string, unknown>[];
  let last = after;
  do {
    page = [...rows.range({ start: last, limit: PAGE })];
    for (const row of page) {
      const key = row[rows.key] as TableKey;
      // A page begins with the last row of the one before, unless that was deleted meanwhile.
      if (last !== undefined && structuredEqual(key, last)) continue;
      const copy = plainCopy(row, budget);
      // The first row is shown, cut, however large it is.
      if (values.length === limit || (budget.spent && values.length > 0)) return rest(rows, values);
      values.push(copy);
      last = key;
    }
    await nextTurn();
  } while (page.length === PAGE);
  return rest(rows, values);
}

const rest = (rows: AnyRows, values: unknown[]): InspectAnswer => ({
  found: true,
  values,
  more: Math.max(rows.count() - values.length, 0),
});
