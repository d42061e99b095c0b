/** State of sessions in a real node: apart, through upgrades and crashes, and gone with the session. */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call2026, SessionClient } from '../support/mcp.ts';
import { startSessionNode } from '../support/session-release.ts';
import { eventually, type TestNode } from '../support/test-node.ts';

interface Preference {
  session: string | null;
  order: string;
  limit?: number;
}

const read = (client: SessionClient): Promise<Preference> => client.call<Preference>('preference_get');

async function rowsOf(node: TestNode): Promise<number> {
  const tables = await node.ctlJson<{ name: string; rows: number }[]>('ets_tables', 'session.preference');
  return tables[0]!.rows;
}

const rowsAre = (node: TestNode, count: number): Promise<unknown> =>
  eventually(`${count} rows in session.preference`, async () => (await rowsOf(node)) === count);

describe('the state of a session', () => {
  it('is its own, begins as init says, and is not there for requests without a session', async () => {
    const node = await startSessionNode();
    const [one, other] = [await SessionClient.open(node.url), await SessionClient.open(node.url)];
    await one.call('preference_set', { order: 'oldest' });
    expect(await read(one)).toEqual({ order: 'oldest', session: one.id });
    expect(await read(other)).toEqual({ order: 'newest', session: other.id });
    const none = 'session state preference: the request has no session';
    await expect(call2026(node.url, 'preference_get')).rejects.toThrow(none);
    await expect(call2026(node.url, 'preference_set', { order: 'oldest' })).rejects.toThrow(none);
    await rowsAre(node, 1);
  });

  it('goes through an upgrade, a rollback and the next attempt, and what 2.1.0 does not know stays', {
    timeout: 180_000,
  }, async () => {
    const node = await startSessionNode();
    const [client, silent] = [await SessionClient.open(node.url), await SessionClient.open(node.url)];
    await client.call('preference_set', { order: 'oldest' });
    expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0 });
    expect(await read(client)).toMatchObject({ order: 'oldest', limit: 20 });
    await client.call('preference_set', { limit: 5 });
    expect(await node.script('downgrade.sh', '2.1.0')).toMatchObject({ code: 0 });
    expect(await read(client)).toEqual({ order: 'oldest', session: client.id });
    await client.call('preference_set', { order: 'random' });
    expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0 });
    expect(await read(client)).toMatchObject({ order: 'random', limit: 5 });
    expect(await read(silent)).toMatchObject({ order: 'newest', limit: 20 });
    await client.delete();
    await rowsAre(node, 0);
    expect(node.log('error')).toBe('');
  });

  it('survives kill -9 of the runner and of the host', async () => {
    const node = await startSessionNode();
    const client = await SessionClient.open(node.url);
    await client.call('preference_set', { order: 'oldest' });
    process.kill(node.runner(), 'SIGKILL');
    expect(await read(client)).toMatchObject({ order: 'oldest' });
    await client.call('preference_set', { order: 'random' });
    await node.crash();
    await node.start();
    expect(await read(client)).toMatchObject({ order: 'random' });
  });
});

describe('it ends with the session', () => {
  it('by DELETE, and by too long idleness', async () => {
    const node = await startSessionNode({ timeouts: { session_idle_s: 1 } });
    const [ended, idle] = [await SessionClient.open(node.url), await SessionClient.open(node.url)];
    const listening = await SessionClient.open(node.url);
    const stream = await listening.stream();
    for (const client of [ended, idle, listening]) await client.call('preference_set', { order: 'oldest' });
    expect(await rowsOf(node)).toBe(3);
    await ended.delete();
    await rowsAre(node, 2);
    await eventually('the end of the idle session', async () => (await rowsOf(node)) === 1, 50_000);
    expect(await read(listening)).toMatchObject({ order: 'oldest' });
    stream.close();
  });

  it('also if no runner and no host was there to remove it, once one serves again', async () => {
    const node = await startSessionNode();
    const [gone, kept] = [await SessionClient.open(node.url), await SessionClient.open(node.url)];
    for (const client of [gone, kept]) await client.call('preference_set', { order: 'oldest' });
    const runner = node.runner();
    process.kill(runner, 'SIGSTOP');
    await gone.delete();
    await node.crash();
    await node.start();
    await rowsAre(node, 1);
    expect(await read(kept)).toMatchObject({ order: 'oldest' });
  });

  it('while a call of it still runs, on either side of an upgrade: what that writes is refused, and nothing stays', {
    timeout: 180_000,
  }, async () => {
    const node = await startSessionNode();
    const file = (name: string): string => join(node.home, name);
    for (const upgraded of [false, true]) {
      const client = await SessionClient.open(node.url);
      await client.call('preference_set', { order: 'oldest' });
      await writeFile(file('hold-write'), '');
      const late = client.call('preference_set_late', { order: 'late' }).catch(() => undefined);
      await eventually('a call that waits', () => existsSync(file('held-write')));
      if (upgraded) expect(await node.script('upgrade.sh', '3.0.0')).toMatchObject({ code: 0 });
      await client.delete();
      await rowsAre(node, 0);
      await rm(file('hold-write'));
      // Nothing is left to wait for in the runner before: it is parked, in the middle of the call, until the way back wakes it.
      if (upgraded) expect(await node.script('downgrade.sh', '2.1.0')).toMatchObject({ code: 0 });
      await eventually('the end of the call', () => existsSync(file('written')));
      await late;
      expect(readFileSync(file('written'), 'utf8')).toBe('session_over');
      expect(await rowsOf(node)).toBe(0);
      for (const name of ['written', 'held-write']) await rm(file(name));
    }
  });
});
