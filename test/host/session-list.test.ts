import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { HostStore, type SessionRecord, SessionStore, Sessions } from '../../src/host/index.ts';
import { listSessions } from '../../src/main/views/inventory-sessions.ts';

const NOW = Date.now();
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

/** `s0` was used last, a millisecond after `s1`; every thousandth is over stdio. */
async function storeWith(count: number): Promise<Sessions> {
  const dir = mkdtempSync(join(tmpdir(), 'erlmcp-sessions-'));
  const store = new HostStore(dir);
  onTestFinished(async () => {
    await store.close();
    rmSync(dir, { recursive: true });
  });
  await store.sessions.transaction(() => {
    for (let at = 0; at < count; at++) {
      const record: SessionRecord = {
        id: `s${at}`,
        transport: at % 1_000 === 999 ? 'stdio' : 'http',
        protocolVersion: '2025-11-25',
        initialize: { params: { clientInfo: { name: 'bulk', version: at } } },
        subscriptions: {},
        createdAt: NOW - count,
        usedAt: NOW - 1_000 - at,
      };
      void store.sessions.put(record.id, record);
      void store.use.put([record.usedAt, record.id], true);
    }
  });
  const limits = { sessions: 1e7, idleMs: 1e9, restMs: 1e9 };
  return new Sessions(new SessionStore(store), limits, SILENT as never);
}

const ids = ({ rows }: { rows: { session: string }[] }): string[] => rows.map(({ session }) => session);

it('reads no more records than it shows, of however many', async () => {
  const sessions = await storeWith(20_000);
  const listed = await listSessions(sessions, { limit: 250 });
  expect([listed.total, listed.searched]).toEqual([20_000, 250]);
  expect(ids(listed)).toEqual(Array.from({ length: 250 }, (_, at) => `s${at}`));
  expect(listed.rows[7]).toMatchObject({ client: 'bulk 7', state: 'rest', hydrated: false });
});

it('puts what is in memory where it belongs by its use, and shows nothing twice', async () => {
  const sessions = await storeWith(300);
  sessions.find('s200');
  const middle = sessions.find('s201');
  if (middle) middle.usedAt = NOW - 1_000 - 1.5;
  expect(ids(await listSessions(sessions, { limit: 5 }))).toEqual(['s200', 's0', 's1', 's201', 's2']);
  expect(ids(await listSessions(sessions, { limit: 1 }))).toEqual(['s200']);
  const all = ids(await listSessions(sessions, { limit: 1_000 }));
  expect([all.length, new Set(all).size]).toEqual([300, 300]);
  expect(ids(await listSessions(sessions, { state: 'live' }))).toEqual(['s200', 's201']);
  const rest = ids(await listSessions(sessions, { state: 'rest', limit: 1_000 }));
  expect([rest.length, rest.includes('s200')]).toEqual([298, false]);
});

it('looks for a rare transport as far as the limit asks for', async () => {
  const sessions = await storeWith(5_000);
  const two = await listSessions(sessions, { transport: 'stdio', limit: 2 });
  expect([ids(two), two.searched]).toEqual([['s999', 's1999'], 2_000]);
  sessions.find('s4999');
  const all = await listSessions(sessions, { transport: 'stdio' });
  expect(ids(all)).toEqual(['s4999', 's999', 's1999', 's2999', 's3999']);
});
