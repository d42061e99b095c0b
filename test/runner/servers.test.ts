import { describe, expect, test } from 'vitest';
import {
  type ChildSpec,
  genServer,
  ProcessTable,
  reply,
  type ServerSnapshot,
  supervisor,
} from '../../src/otp/index.ts';
import { type Application, defineApplication } from '../../src/runner/application.ts';
import { declaredServers, moveNameOf, serversOf } from '../../src/runner/children.ts';
import { Servers } from '../../src/runner/servers.ts';
import type { Storage } from '../../src/runner/storage.ts';
import type { Chain } from '../../src/tables/index.ts';

/** A server whose state says which version wrote it. */
const server = (name: string, version: number) =>
  genServer<
    { by: number; note?: string },
    { get: () => unknown },
    Record<never, never>,
    { note: string } | undefined
  >({
    name,
    version,
    init: (args) => ({ by: version, ...(args && { note: args.note }) }),
    handleCall: (_request, _from, state) => reply(state, state),
  });

const pool = (name: string, definition = server('conn', 1)): ChildSpec => ({
  id: name,
  start: supervisor({ name, strategy: 'simple_one_for_one', child: { start: definition } }),
});

const chain: Chain = [
  { version: 1 },
  {
    version: 2,
    lens: {
      up: (state: { by: number }) => ({ ...state, by: 2 }),
      down: (state: { by: number }) => ({ ...state, by: 1 }),
    },
  },
] as unknown as Chain;

const storage = { serverChains: { conn: chain } } as unknown as Storage;

const application = (children: readonly ChildSpec[]): Application =>
  defineApplication({ name: 'app', vsn: '1.0.0', children });

const ends = { fatal: () => expect.unreachable(), single: () => expect.unreachable() };

function runner(node: number, children: readonly ChildSpec[], other: () => ProcessTable) {
  const table = new ProcessTable({
    node,
    remote: {
      forward: (name, envelope) => setImmediate(() => other().deliver(name, structuredClone(envelope))),
      reply: (from, outcome) => setImmediate(() => other().settle(from, outcome)),
    },
  });
  return { table, servers: new Servers(table, storage, [application(children)], ends) };
}

const moveNames = (children: readonly ChildSpec[]): string[] => declaredServers(children).map(moveNameOf);

describe('declared servers', () => {
  test('are those that start, and those that a simple_one_for_one supervisor can start', () => {
    const inner = supervisor({ name: 'inner', children: [pool('conns')] });
    const children = [
      { id: 'a', start: server('a', 3), name: 'first' },
      { id: 'in', start: inner },
    ];
    expect(declaredServers(children)).toEqual([
      { name: 'first', version: 3 },
      { name: 'conn', version: 1, supervisor: 'conns' },
    ]);
    expect(moveNames(children)).toEqual(['first', 'conns/conn']);
  });

  test('that share a definition are one, but two that only share a name are not', () => {
    const shared = [pool('p1'), pool('p2'), { id: 'conn', start: server('conn', 1) }];
    expect(serversOf(shared).map(({ name }) => name)).toEqual(['conn']);
    expect(serversOf([pool('p1'), pool('p2', server('conn', 2))])).toHaveLength(2);
    const twice = [1, 2].map((id) => ({ id: String(id), start: server('conn', 1) }));
    expect(serversOf(twice)).toHaveLength(2);
  });
});

describe('moves of dynamic children between releases', () => {
  test('their states go through the chain of their definition, there and back', async () => {
    const oldChildren = [pool('conns')];
    const newChildren = [pool('conns', server('conn', 2))];
    const old = runner(1, oldChildren, () => next.table);
    const next: ReturnType<typeof runner> = runner(2, newChildren, () => old.table);
    await old.servers.start(undefined);
    const pid = (await old.table.askSupervisor('conns', ['start_child', { note: 'a' }])) as string;
    expect(old.servers.list()).toMatchObject([{ name: pid, pid, version: 1 }]);
    expect(await old.servers.ping(1000)).toEqual([pid]);

    await old.servers.suspend(1000);
    const adopted = await next.servers.start(structuredClone(old.servers.snapshot()));
    expect(adopted).toMatchObject([{ pid, version: 2, status: 'suspended' }]);
    await old.servers.markMoved(moveNames(newChildren));
    await next.servers.resume();
    expect(await old.table.call(pid, ['get'])).toEqual({ by: 2, note: 'a' });
    expect(old.table.tree()).toMatchObject([
      { id: 'app_sup' },
      { id: 'conns' },
      { id: 'conn', status: 'moved' },
    ]);
    const born = (await old.table.askSupervisor('conns', ['start_child', undefined])) as string;
    expect(next.table.whereis(born)).toBe(born);

    await next.servers.suspend(1000);
    await old.servers.takeBack(structuredClone(next.servers.snapshot()));
    await next.servers.markMoved(moveNames(oldChildren));
    await old.servers.resume();
    expect(await next.table.call(pid, ['get'])).toEqual({ by: 1, note: 'a' });
    expect(await next.table.call(born, ['get'])).toEqual({ by: 1 });
    expect(old.servers.list().map(({ name, version }) => [name, version])).toEqual([
      [pid, 1],
      [born, 1],
    ]);
  });

  test('a release that lacks their supervisor leaves them', async () => {
    const newChildren = [pool('others'), { id: 'static', start: server('static', 1) }];
    const old = runner(1, [pool('conns'), { id: 'static', start: server('static', 1) }], () => next.table);
    const next: ReturnType<typeof runner> = runner(2, newChildren, () => old.table);
    await old.servers.start(undefined);
    const pid = (await old.table.askSupervisor('conns', ['start_child', undefined])) as string;
    await old.servers.suspend(1000);
    const snapshots: ServerSnapshot[] = structuredClone(old.servers.snapshot());
    expect(await next.servers.start(snapshots)).toMatchObject([{ name: 'static' }]);
    await old.servers.markMoved(moveNames(newChildren));
    await next.servers.resume();
    expect(old.servers.list().map(({ name, status }) => [name, status])).toEqual([
      ['static', 'moved'],
      [pid, 'waiting'],
    ]);
    expect(await old.table.call(pid, ['get'])).toEqual({ by: 1 });
  });
});
