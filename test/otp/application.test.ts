import { describe, expect, test } from 'vitest';
import {
  Applications,
  type ApplicationsOptions,
  type ApplicationType,
  defineOtpApplication,
  type OtpApplication,
  ProcessTable,
} from '../../src/otp/index.ts';
import { children, worker } from './supervision-support.ts';
import { counter, eventually, gate, joinedTables, reasonOf } from './support.ts';

interface Wanted {
  needs?: readonly string[];
  type?: ApplicationType;
  start?: NonNullable<OtpApplication['start']>;
  stop?: NonNullable<OtpApplication['stop']>;
  init?: (args: unknown) => unknown;
}

/** An application `a` has a supervisor `a_sup` with a worker `a_w`. */
const app = (name: string, log: string[], { needs = [], type = 'permanent', init, ...hooks }: Wanted = {}) =>
  defineOtpApplication({
    name,
    vsn: '1.0.0',
    applications: needs,
    type,
    supervisor: {
      name: `${name}_sup`,
      intensity: 0,
      children: [{ id: 'w', start: worker(`${name}_w`, log, init) }],
    },
    ...hooks,
  });

function made(specs: readonly OtpApplication[], options: ApplicationsOptions = {}) {
  const table = new ProcessTable();
  const applications = new Applications(specs, { table, ...options });
  const states = (): string[] => applications.which().map(({ name, state }) => `${name} ${state}`);
  return { table, applications, states };
}

const fail = (): never => {
  throw new Error('no');
};

describe('order', () => {
  test('each starts after those that it needs, and all stop in reverse', async () => {
    const log: string[] = [];
    const hooks = (name: string): Wanted => ({
      start: ({ suspended }) => void log.push(`hook ${name} ${suspended}`),
      stop: () => void log.push(`stopped ${name}`),
    });
    const { table, applications, states } = made([
      app('web', log, { needs: ['db', 'log'], ...hooks('web') }),
      app('log', log, hooks('log')),
      app('db', log, { needs: ['log'], ...hooks('db') }),
    ]);
    expect(states()).toEqual(['log loaded', 'db loaded', 'web loaded']);
    const before = Date.now();
    await applications.start();
    expect(log).toEqual([
      'hook log false',
      'start log_w',
      'hook db false',
      'start db_w',
      'hook web false',
      'start web_w',
    ]);
    expect(applications.which()[0]).toMatchObject({ vsn: '1.0.0', state: 'started', type: 'permanent' });
    expect(applications.which()[0]?.startedAt).toBeGreaterThanOrEqual(before);
    log.length = 0;
    await applications.stop();
    expect(log).toEqual([
      'end web_w shutdown',
      'stopped web',
      'end db_w shutdown',
      'stopped db',
      'end log_w shutdown',
      'stopped log',
    ]);
    expect(states()).toEqual(['log stopped', 'db stopped', 'web stopped']);
    expect(applications.which()[0]).toMatchObject({ reason: undefined, startedAt: undefined });
    expect(table.list()).toEqual([]);
    await applications.start();
    expect(states()).toEqual(['log started', 'db started', 'web started']);
  });

  test('what is missing, circular, there twice or no application is named', () => {
    const named = (name: string, needs: string[] = []) => app(name, [], { needs });
    expect(() => made([named('a', ['b'])])).toThrow('{missing_application, b}: application a needs it');
    expect(() => made([named('x'), named('a', ['b']), named('b', ['c']), named('c', ['b'])])).toThrow(
      '{circular_dependency, [b, c, b]}',
    );
    expect(() => made([named('a'), named('a')])).toThrow('{already_loaded, a}');
    expect(() => named('a', ['a'])).toThrow('{bad_application, a}');
    const supervisor = { name: 's', children: [] };
    expect(() => defineOtpApplication({ name: '', vsn: '1', supervisor })).toThrow("{bad_application, ''}");
    expect(() => defineOtpApplication({ name: 'a', vsn: '', supervisor })).toThrow('{bad_application, a}');
    expect(() => defineOtpApplication({ name: 'a', vsn: '1', type: 'x' as never, supervisor })).toThrow(
      '{bad_application, a}',
    );
    const twice = children(['w', 'w'], []);
    expect(() =>
      defineOtpApplication({ name: 'a', vsn: '1', supervisor: { name: 's', children: twice } }),
    ).toThrow('{duplicate_child_id, w}');
  });
});

describe('failures', () => {
  test.each<[string, Wanted]>([
    ['its hook', { start: fail }],
    ['its tree', { init: fail }],
  ])('a permanent application that fails to start by %s stops all', async (_by, wanted) => {
    const log: string[] = [];
    const { table, applications, states } = made([app('a', log), app('b', log, wanted), app('c', log)]);
    const reason = wanted.init
      ? '{could_not_start, b, {shutdown, {failed_to_start_child, w, {error, "no"}}}}'
      : '{could_not_start, b, {error, "no"}}';
    expect(await reasonOf(applications.start())).toBe(reason);
    expect(states()).toEqual(['a stopped', 'b failed', 'c loaded']);
    expect(applications.which()[1]?.message).toContain('no');
    expect(table.list()).toEqual([]);
  });

  test('another one is left failed, as are those that need it; the rest runs', async () => {
    const log: string[] = [];
    const { applications, states } = made([
      app('a', log, { type: 'temporary', start: fail }),
      app('b', log, { type: 'transient', needs: ['a'] }),
      app('c', log),
    ]);
    await applications.start();
    expect(states()).toEqual(['a failed', 'b failed', 'c started']);
    expect(applications.which().map(({ reason }) => reason)).toEqual([
      '{error, "no"}',
      '{not_started, a}',
      undefined,
    ]);
    expect(await reasonOf(applications.startOne('b'))).toBe('{not_started, a}');
  });

  test('when a permanent one ends, all others stop in reverse order, then the owner is told', async () => {
    const log: string[] = [];
    const told: string[] = [];
    const { table, applications, states } = made(
      [app('a', log), app('b', log, { stop: () => void log.push('stopped b') }), app('c', log)],
      {
        onPermanentExit: (name, reason, { message }) => told.push(name, reason, message, ...log.slice(-2)),
      },
    );
    await applications.start();
    log.length = 0;
    table.cast('b_w', ['end', 'oops']);
    await eventually(() => told.length > 0, 'the owner is told');
    expect(told).toEqual([
      'b',
      'shutdown',
      'shutdown: reached_max_restart_intensity: w of b_sup failed too often; see its last errors.',
      'end c_w shutdown',
      'end a_w shutdown',
    ]);
    expect(log).toEqual(['end b_w oops', 'stopped b', 'end c_w shutdown', 'end a_w shutdown']);
    expect(states()).toEqual(['a stopped', 'b failed', 'c stopped']);
  });

  test.each<ApplicationType>(['transient', 'temporary'])(
    'when a %s one ends, the others go on',
    async (type) => {
      const log: string[] = [];
      const told: string[] = [];
      const { table, applications, states } = made([app('a', log), app('b', log, { type })], {
        onExit: (name, reason) => told.push(`${name} ${reason}`),
        onPermanentExit: () => told.push('permanent'),
      });
      await applications.start();
      table.cast('b_w', ['end', 'oops']);
      await eventually(() => told.length > 0, 'the owner is told');
      expect(told).toEqual(['b shutdown']);
      expect(states()).toEqual(['a started', 'b failed']);
      expect(applications.which()[1]).toMatchObject({ reason: 'shutdown', type });
      await applications.restart('b');
      expect(states()).toEqual(['a started', 'b started']);
      expect(applications.which()[1]?.reason).toBeUndefined();
    },
  );

  test('a stop hook that throws fails the stop, when all are stopped', async () => {
    const log: string[] = [];
    const { applications, states } = made([app('a', log), app('b', log, { stop: fail })]);
    await applications.start();
    await expect(applications.stop()).rejects.toThrow('no');
    expect(states()).toEqual(['a stopped', 'b stopped']);
    await applications.stop();
  });
});

describe('one at a time', () => {
  test('restart gives new processes, and leaves the others alone', async () => {
    const log: string[] = [];
    const { table, applications } = made([app('a', log), app('b', log, { needs: ['a'] })]);
    await applications.start();
    const [a, b] = [table.whereis('a_w'), table.whereis('b_w')];
    await Promise.all([applications.restart('a'), applications.restart('a')]);
    expect(table.whereis('a_w')).not.toBe(a);
    expect(table.whereis('b_w')).toBe(b);
    expect(log.filter((line) => line === 'start a_w')).toHaveLength(3);
    expect(await reasonOf(applications.restart('x'))).toBe('{unknown_application, x}');
  });

  test('stopOne and startOne', async () => {
    const { applications, states } = made([app('a', []), app('b', [], { needs: ['a'] })]);
    expect(await reasonOf(applications.stopOne('a'))).toBe('{not_started, a}');
    expect(await reasonOf(applications.startOne('b'))).toBe('{not_started, a}');
    await applications.startOne('a');
    await applications.startOne('b');
    expect(await reasonOf(applications.startOne('b'))).toBe('{already_started, b}');
    await applications.stopOne('a');
    expect(states()).toEqual(['a stopped', 'b started']);
  });

  test('a stop cuts a start short, in a hook as in a tree', async () => {
    for (const where of ['start', 'init'] as const) {
      const { opened, open } = gate();
      const log: string[] = [];
      const reached = gate();
      const hang = (): Promise<void> => {
        reached.open();
        return opened;
      };
      const { table, applications, states } = made([
        app('a', log),
        { ...app('b', log, { [where]: hang }) },
        app('c', log),
      ]);
      const started = reasonOf(applications.start());
      await reached.opened;
      expect(states()).toEqual(['a started', 'b starting', 'c loaded']);
      const stopped = applications.stop();
      if (where === 'init') await table.stop('b_w', 'killed', 1);
      await stopped;
      open();
      expect(await started).toBe('shutdown');
      expect(states()).toEqual(['a stopped', 'b stopped', 'c loaded']);
      expect(table.list()).toEqual([]);
    }
  });

  test('nothing is restarted while the table is suspended', async () => {
    const { table, applications } = made([app('a', [])]);
    await applications.start();
    await table.suspend({ deadlineMs: 1000 });
    expect(await reasonOf(applications.restart('a'))).toBe('{suspended, a}');
    await table.resume();
    await applications.restart('a');
  });
});

test('applications take over from another table, suspended, and leave stopped what was stopped there', async () => {
  const { old, next } = joinedTables();
  const log: string[] = [];
  const counting = (hooks: Pick<OtpApplication, 'start'> = {}) => [
    defineOtpApplication({
      name: 'counting',
      vsn: '1.0.0',
      supervisor: { name: 'counting_sup', children: [{ id: 'c', start: counter }] },
      ...hooks,
    }),
    app('broken', log, { type: 'temporary' }),
    app('above', log, { needs: ['broken'] }),
  ];
  const before = new Applications(counting(), { table: old });
  await before.start();
  await old.call('counter', ['add', 4]);
  await before.stopOne('broken');
  await old.suspend({ deadlineMs: 1000 });
  const adopted = new Map(structuredClone(old.snapshot()).map((snapshot) => [snapshot.name, snapshot]));
  const hooks: boolean[] = [];
  const after = new Applications(counting({ start: ({ suspended }) => void hooks.push(suspended) }), {
    table: next,
  });
  await after.start({ adopted, suspended: true, stopped: new Map([['broken', { state: 'stopped' }]]) });
  expect(hooks).toEqual([true]);
  expect(after.which().map(({ state }) => state)).toEqual(['started', 'stopped', 'started']);
  expect(next.info('counter')).toMatchObject({ status: 'suspended', handled: 0 });
  old.markMoved();
  await Promise.all([next.resume(), old.resume()]);
  expect(await old.call('counter', ['increment'])).toEqual({ count: 5 });
  expect(next.whereis('broken_w')).toBeUndefined();
});
