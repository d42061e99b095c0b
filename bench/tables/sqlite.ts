import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Peer } from './peer.ts';
import type { BenchRow } from './rows.ts';

const SCHEMA = `
  CREATE TABLE rows (id TEXT PRIMARY KEY, author TEXT, text TEXT, created REAL, priority INTEGER) WITHOUT ROWID;
  CREATE TABLE counters (id TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID;
`;

/** With a column for each field. Every commit is flushed before it is acknowledged, as ours are: a journal ahead, synchronous in full. */
export function openSqlite(dir: string): Peer {
  const db = new DatabaseSync(join(dir, 'sqlite.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(SCHEMA);
  const get = db.prepare('SELECT * FROM rows WHERE id = ?');
  const all = db.prepare('SELECT * FROM rows ORDER BY id');
  const put = db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)');
  const putCounter = db.prepare('INSERT OR REPLACE INTO counters VALUES (?, ?)');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const putRow = ({ id, author, text, created, priority }: BenchRow): void =>
    void put.run(id, author, text, created, priority);
  const together = (write: () => void): void => {
    begin.run();
    write();
    commit.run();
  };
  const putAll = (rows: readonly BenchRow[]): void => together(() => rows.forEach(putRow));
  return {
    name: 'sqlite',
    label: 'node:sqlite',
    get: (key) => get.get(key) as BenchRow | undefined,
    put: putRow,
    putAtOnce: (rows) => putAll(rows),
    putTogether: (rows) => putAll(rows),
    transact: (first, second, counter) =>
      together(() => {
        putRow(first);
        putRow(second);
        putCounter.run(counter.id, counter.count);
      }),
    scan: () => {
      let sum = 0;
      for (const { priority } of all.iterate() as Iterable<BenchRow>) sum += priority;
      return sum;
    },
    close: () => void db.close(),
  };
}
