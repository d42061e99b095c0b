/** What an application is goes along with a hand-over, in both directions. */
import { describe, expect, it } from 'vitest';
import { genServer, ProcessTable, reply, Supervisor } from '../../src/otp/index.ts';
import { defineApplication } from '../../src/runner/application.ts';
import { type ApplicationEnds, checkStartOrder, ReleaseApplications } from '../../src/runner/applications.ts';
import { ProcessViews } from '../../src/runner/process-views.ts';
import type { HandedApplication } from '../../src/wire/index.ts';

const counter = genServer<number, { next: () => number; crash: () => never }>({
  name: 'counter',
  version: 1,
  init: () => 0,
  handleCall: ([request], _from, count) => {
    if (request === 'crash') throw new Error('no');
    return reply(count + 1, count + 1);
  },
});

const sideline = defineApplication({
  name: 'sideline',
  vsn: '1.0.0',
  type: 'temporary',
  children: [{ id: 'counter', start: counter }],
});

function runner(ends: Partial<ApplicationEnds> = {}) {
  const table = new ProcessTable();
  const told: string[] = [];
  const applications = new ReleaseApplications(table, [sideline], {
    fatal: (name) => told.push(`fatal ${name}`),
    single: (name) => told.push(`single ${name}`),
    ...ends,
  });
  return { table, applications, told };
}

type Runner = ReturnType<typeof runner>;

async function crash({ table }: Runner, times: number): Promise<void> {
  for (let crash = 0; crash < times; crash++) {
    await table.call('counter', ['crash']).catch(() => undefined);
    // Its supervisor restarts it in turns of its own.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const stateOf = ({ applications }: Runner) => applications.views()[0]?.state;

/** Suspends one and hands all over to the other, as an upgrade does; the servers that moved. */
async function handOver(from: Runner, to: Runner, back: boolean): Promise<string[]> {
  await from.table.suspend({ deadlineMs: 1_000 });
  const snapshots = new Map(from.table.snapshot().map((snapshot) => [snapshot.name, snapshot]));
  const handed = from.applications.handOver();
  if (back) {
    const here = new Set(to.table.list().map(({ name }) => name));
    await to.applications.follow(snapshots, handed);
    const shells = [...snapshots.values()].filter(({ name }) => here.has(name));
    await to.table.takeBack(shells);
  } else await to.applications.start(snapshots, handed);
  from.table.markMoved([...snapshots.keys()]);
  await from.table.resume();
  await to.table.resume();
  return [...snapshots.keys()];
}

describe('a temporary application that gives up', () => {
  it('is failed with its reason, tells so once, and is restarted by name', async () => {
    const one = runner();
    await one.applications.start(undefined, []);
    await crash(one, 4);
    expect(one.applications.views()).toMatchObject([
      { state: 'failed', processes: 0, reason: expect.stringContaining('counter of sideline_sup failed') },
    ]);
    expect(one.told).toEqual(['single sideline']);
    const pid = await one.applications.restart('sideline');
    expect(one.table.whereis('sideline_sup')).toBe(pid);
    expect(stateOf(one)).toBe('started');
    expect(await one.table.call('counter', ['next'])).toBe(1);
  });

  it('is fatal where it is permanent', async () => {
    const table = new ProcessTable();
    const fatal: string[] = [];
    const applications = new ReleaseApplications(table, [{ ...sideline, type: 'permanent' }], {
      fatal: (name, message) => fatal.push(`${name}: ${message}`),
      single: () => {},
    });
    await applications.start(undefined, []);
    await crash({ table, applications, told: [] }, 4);
    expect(fatal).toEqual([expect.stringMatching(/^sideline: .*failed too often/)]);
  });
});

describe('a hand-over', () => {
  it('leaves an application failed that was failed, and takes it back running when it was started there', async () => {
    const [old, next] = [runner(), runner()];
    await old.applications.start(undefined, []);
    await crash(old, 4);
    expect(await handOver(old, next, false)).toEqual([]);
    expect(next.applications.views()[0]).toMatchObject({ state: 'failed', reason: expect.any(String) });
    await next.applications.restart('sideline');
    await next.table.call('counter', ['next']);
    expect(await handOver(next, old, true)).toEqual(['counter']);
    expect(stateOf(old)).toBe('started');
    expect(await old.table.call('counter', ['next'])).toBe(2);
  });

  it('stops one on the way back that has ended meanwhile', async () => {
    const [old, next] = [runner(), runner()];
    await old.applications.start(undefined, []);
    await handOver(old, next, false);
    await crash(next, 4);
    await handOver(next, old, true);
    expect(stateOf(old)).not.toBe('started');
    expect(old.table.list()).toEqual([]);
    await old.applications.restart('sideline');
    expect(await old.table.call('counter', ['next'])).toBe(1);
  });

  it('leaves one as it is that the other release does not have', async () => {
    const old = runner();
    await old.applications.start(undefined, []);
    await crash(old, 4);
    const none: HandedApplication[] = [];
    await old.applications.follow(new Map(), none);
    expect(stateOf(old)).toBe('failed');
  });
});

describe('a release whose applications need each other', () => {
  const needs = (name: string, ...applications: string[]) =>
    defineApplication({ name, vsn: '1.0.0', applications });

  it.each([
    [[needs('a', 'b')], '{missing_application, b}'],
    [[needs('a', 'b'), needs('b', 'a')], '{circular_dependency, [a, b, a]}'],
  ])('is refused %#', (applications, reason) => {
    expect(() => checkStartOrder(applications)).toThrow(reason);
  });

  it('and a wrong type or list are refused by name', () => {
    expect(() => needs('a', 'a')).toThrow('application a: applications must not name the application itself');
    const wrong = { name: 'a', vsn: '1.0.0', type: 'eternal' as never };
    expect(() => defineApplication(wrong)).toThrow('application a: type must be one of permanent');
  });
});

describe('views of a table', () => {
  it('ask a server that does not answer one question only', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = genServer<null, { wait: () => null }>({
      name: 'slow',
      version: 3,
      init: () => null,
      handleCall: async (_request, _from, state) => {
        await gate.promise;
        return reply(null, state);
      },
    });
    const table = new ProcessTable();
    await table.start(slow);
    const views = new ProcessViews(table);
    expect(await views.servers(1_000)).toMatchObject([{ version: 3, answerMs: expect.any(Number) }]);
    const call = table.call('slow', ['wait']);
    await new Promise((resolve) => setImmediate(resolve));
    for (let asked = 0; asked < 3; asked++)
      expect(await views.servers(5)).toMatchObject([{ status: 'running', answerMs: null }]);
    expect(views.processes(true)).toMatchObject([{ mailbox: 1, current: 'call wait' }]);
    gate.resolve();
    await call;
    expect(await views.servers(1_000)).toMatchObject([{ mailbox: 0, answerMs: expect.any(Number) }]);
  });

  it('restart a child with those that its crash takes along', async () => {
    const server = (name: string) =>
      genServer<null, { none: () => null }>({
        name,
        version: 1,
        init: () => null,
        handleCall: () => reply(null, null),
      });
    const table = new ProcessTable();
    const children = ['a', 'b', 'c'].map((name) => ({ id: name, start: server(name) }));
    await new Supervisor({ name: 'top', strategy: 'rest_for_one', children }, { table }).start();
    const views = new ProcessViews(table);
    const pids = () => Object.fromEntries(views.processes(false).map(({ name, pid }) => [name, pid]));
    const before = pids();
    const pid = await views.restart('b');
    const after = pids();
    expect(after.b).toBe(pid);
    expect(after.a).toBe(before.a);
    expect([after.b === before.b, after.c === before.c]).toEqual([false, false]);
    await expect(views.restart('top')).rejects.toThrow('restart its application');
    await expect(views.restart('d')).rejects.toMatchObject({ reason: '{noproc, d}' });
  });
});
