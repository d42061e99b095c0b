import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Peer } from './peer.ts';
import type { BenchCounter, BenchRow } from './rows.ts';

const SCHEMA = `
  CREATE TABLE rows (id TEXT PRIMARY KEY, author TEXT, text TEXT, created REAL, priority INTEGER) WITHOUT ROWID;
  CREATE TABLE counters (id TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID;
`;

/** With a column for each field. Every commit is flushed before it is acknowledged, as ours are: a journal ahead, synchronous in full. */
export function openSqlite(dir: string): Peer {
  const db = new Database(join(dir, 'sqlite.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(SCHEMA);
  const get = db.prepare<[string], BenchRow>('SELECT * FROM rows WHERE id = ?');
  const all = db.prepare<[], BenchRow>('SELECT * FROM rows ORDER BY id');
  const put = db.prepare<[BenchRow]>(
    'INSERT OR REPLACE INTO rows VALUES (@id, @author, @text, @created, @priority)',
  );
  const putCounter = db.prepare<[BenchCounter]>('INSERT OR REPLACE INTO counters VALUES (@id, @count)');
  const putAll = db.transaction((rows: readonly BenchRow[]) => {
    for (const row of rows) put.run(row);
  });
  const transact = db.transaction((first: BenchRow, second: BenchRow, counter: BenchCounter) => {
    put.run(first);
    put.run(second);
    putCounter.run(counter);
  });
  return {
    name: 'sqlite',
    label: 'better-sqlite3',
    get: (key) => get.get(key),
    put: (row) => void put.run(row),
    putAtOnce: (rows) => putAll(rows),
    putTogether: (rows) => putAll(rows),
    transact,
    scan: () => {
      let sum = 0;
      for (const { priority } of all.iterate()) sum += priority;
      return sum;
    },
    close: () => void db.close(),
  };
}
