import { describe, expect, test } from 'vitest';
import { ProcessTable, type Strategy, Supervisor, supervisor } from '../../src/otp/index.ts';
import { RestartIntensity } from '../../src/otp/restart-intensity.ts';
import { children, crash, isAtRest, worker } from './supervision-support.ts';
import { eventually, gate, reasonOf } from './support.ts';

async function started(strategy: Strategy, names: readonly string[], log: string[], intensity = 5) {
  const table = new ProcessTable();
  const root = new Supervisor(
    { name: 'sup', strategy, intensity, children: children(names, log) },
    { table },
  );
  await root.start();
  log.length = 0;
  return { table, root };
}

describe('strategies', () => {
  test.each<[Strategy, string[]]>([
    ['one_for_one', ['end b oops', 'start b']],
    [
      'one_for_all',
      [
        'end b oops',
        'end d shutdown',
        'end c shutdown',
        'end a shutdown',
        'start a',
        'start b',
        'start c',
        'start d',
      ],
    ],
    ['rest_for_one', ['end b oops', 'end d shutdown', 'end c shutdown', 'start b', 'start c', 'start d']],
  ])('%s: who ends, who starts, in which order', async (strategy, expected) => {
    const log: string[] = [];
    const { table } = await started(strategy, ['a', 'b', 'c', 'd'], log);
    await crash(table, 'b');
    expect(log).toEqual(expected);
    expect(table.info('sup')?.supervision).toMatchObject({ strategy, restarts: 1, intensity: 5 });
  });

  test('one_for_all: temporary siblings are ended and forgotten, transient ones restarted, also those that had ended', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const root = new Supervisor(
      {
        name: 'sup',
        strategy: 'one_for_all',
        children: [
          { id: 'a', start: worker('a', log) },
          { id: 'tmp', start: worker('tmp', log), restart: 'temporary' },
          { id: 'tra', start: worker('tra', log), restart: 'transient' },
          { id: 'done', start: worker('done', log), restart: 'transient' },
        ],
      },
      { table },
    );
    await root.start();
    await crash(table, 'done', 'normal');
    log.length = 0;
    await crash(table, 'a');
    expect(log).toEqual([
      'end a oops',
      'end tra shutdown',
      'end tmp shutdown',
      'start a',
      'start tra',
      'start done',
    ]);
    expect(root.whichChildren().map(({ id }) => id)).toEqual(['a', 'tra', 'done']);
  });

  test('a temporary child and a transient one that ends well concern nobody', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const root = new Supervisor(
      {
        name: 'sup',
        strategy: 'one_for_all',
        intensity: 0,
        children: [
          { id: 'a', start: worker('a', log) },
          { id: 'tmp', start: worker('tmp', log), restart: 'temporary' },
          { id: 'tra', start: worker('tra', log), restart: 'transient' },
        ],
      },
      { table },
    );
    await root.start();
    const before = table.whereis('a');
    await crash(table, 'tmp');
    await crash(table, 'tra', '{shutdown, done}');
    expect(table.whereis('a')).toBe(before);
    expect(root.countChildren()).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
  });

  test('two that end at once: one_for_all restarts all once, one_for_one each', async () => {
    for (const [strategy, restarts] of [
      ['one_for_all', 1],
      ['one_for_one', 2],
    ] as const) {
      const log: string[] = [];
      const { table } = await started(strategy, ['a', 'b', 'c'], log);
      table.cast('a', ['end', 'oops']);
      table.cast('c', ['end', 'oops']);
      await eventually(
        () => log.filter((line) => line.startsWith('start')).length >= restarts && isAtRest(table),
        'rest',
      );
      expect(log.slice(0, 2)).toEqual(['end a oops', 'end c oops']);
      expect(log.filter((line) => line.startsWith('start'))).toEqual(
        strategy === 'one_for_all' ? ['start a', 'start b', 'start c'] : ['start a', 'start c'],
      );
      expect(table.info('sup')?.supervision?.restarts).toBe(restarts);
    }
  });

  test('the restart of a sibling that fails: those before it stay, it is tried again and all are restarted', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    let failures = 0;
    const init = (): void => {
      failures -= 1;
      if (failures >= 0) throw new Error('not yet');
    };
    const root = new Supervisor(
      {
        name: 'sup',
        strategy: 'rest_for_one',
        intensity: 2,
        children: [
          { id: 'a', start: worker('a', log) },
          { id: 'b', start: worker('b', log) },
          { id: 'c', start: worker('c', log, init) },
          { id: 'd', start: worker('d', log) },
        ],
      },
      { table },
    );
    await root.start();
    log.length = 0;
    failures = 1;
    await crash(table, 'b');
    // rest_for_one tries again from the one that failed.
    expect(log.slice(3)).toEqual(['start b', 'start c', 'start c', 'start d']);
    expect(root.countChildren().active).toBe(4);
  });

  test('a child that is being tried again can be terminated; it is not started any more', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const { opened, open } = gate();
    let starts = 0;
    const init = async (): Promise<void> => {
      starts += 1;
      if (starts === 1) return;
      await opened;
      throw new Error('never again');
    };
    const root = new Supervisor(
      { name: 'sup', intensity: 1000, children: [{ id: 'a', start: worker('a', log, init) }] },
      { table },
    );
    await root.start();
    table.cast('a', ['end', 'oops']);
    await eventually(() => starts === 2, 'the restart');
    const terminated = root.terminateChild('a');
    const refused = reasonOf(root.deleteChild('b'));
    open();
    await terminated;
    expect(await refused).toBe('not_found');
    await eventually(() => isAtRest(table), 'rest');
    expect(root.whichChildren()).toMatchObject([{ id: 'a', pid: undefined, status: 'ended' }]);
    expect(starts).toBe(2);
    expect(await reasonOf(root.restartChild('a'))).toBe('{error, "never again"}');
  });

  test('too many restarts end a nested supervisor, and the one above restarts all that was below it', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const ends: string[] = [];
    const inner = (restart: 'permanent' | 'transient') => ({
      id: restart,
      restart,
      start: supervisor({
        name: restart,
        intensity: 0,
        children: children([`${restart}1`, `${restart}2`], log),
      }),
    });
    const root = new Supervisor(
      { name: 'root', children: [inner('permanent'), inner('transient')] },
      { table, onExit: ({ message }) => ends.push(message) },
    );
    await root.start();
    log.length = 0;
    await crash(table, 'permanent2');
    expect(log).toEqual([
      'end permanent2 oops',
      'end permanent1 shutdown',
      'start permanent1',
      'start permanent2',
    ]);
    // Its reason is `shutdown`, which ends a transient child well.
    table.cast('transient1', ['end', 'oops']);
    await eventually(
      () => table.whereis('transient') === undefined && isAtRest(table),
      'the end of transient',
    );
    expect(root.whichChildren().map(({ id, status }) => [id, status])).toEqual([
      ['permanent', 'waiting'],
      ['transient', 'ended'],
    ]);
    await root.restartChild('transient');
    expect(table.whereis('transient2')).toBeDefined();
    table.cast('permanent1', ['end', 'oops']);
    await eventually(() => ends.length === 1, 'the end of the root');
    expect(ends).toEqual([
      'shutdown: reached_max_restart_intensity: permanent of root failed too often; see its last errors.',
    ]);
    expect(table.list()).toEqual([]);
  });

  test('restarts on the edge of the period count, as OTP counts them', () => {
    const intensity = new RestartIntensity(1, 1000);
    expect([0, 1000].map((at) => intensity.allow(at))).toEqual([true, false]);
    expect(intensity.used(1001)).toBe(1);
    expect(intensity.used(2001)).toBe(0);
  });
});

describe('limits of start and end', () => {
  test('a child that does not start within its timeout is killed, and the start fails with timeout', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const log: string[] = [];
    const slow = { id: 'slow', start: worker('slow', log, () => opened), timeout: 5 };
    const root = new Supervisor({ name: 'sup', children: [...children(['a'], log), slow] }, { table });
    expect(await reasonOf(root.start())).toBe('{shutdown, {failed_to_start_child, slow, timeout}}');
    expect(table.list()).toEqual([]);
    expect(log).toEqual(['start a', 'start slow', 'end a shutdown']);
    open();
  });

  test('so is a supervisor with all that it has started', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const log: string[] = [];
    const start = supervisor({
      name: 'inner',
      children: [...children(['a'], log), { id: 'slow', start: worker('slow', log, () => opened) }],
    });
    const root = new Supervisor({ name: 'sup', children: [] }, { table });
    await root.start();
    expect(await reasonOf(root.startChild({ id: 'inner', start, timeout: 5 }))).toBe('timeout');
    expect(table.list().map(({ name }) => name)).toEqual(['sup']);
    expect(root.whichChildren()).toEqual([]);
    open();
  });

  test('a supervisor that is stopped while it restarts starts nothing more', async () => {
    const log: string[] = [];
    const { opened, open } = gate();
    const table = new ProcessTable();
    let starts = 0;
    const slow = worker('b', log, async () => {
      starts += 1;
      if (starts > 1) await opened;
    });
    const all = [...children(['a'], log), { id: 'b', start: slow, shutdown: 5 }, ...children(['c'], log)];
    const root = new Supervisor({ name: 'sup', strategy: 'one_for_all', children: all }, { table });
    await root.start();
    log.length = 0;
    table.cast('a', ['end', 'oops']);
    await eventually(() => starts === 2, 'the restart of b');
    await root.stop();
    open();
    expect(log).toEqual([
      'end a oops',
      'end c shutdown',
      'end b shutdown',
      'start a',
      'start b',
      'end a shutdown',
    ]);
    expect(table.list()).toEqual([]);
    expect(await reasonOf(root.startChild({ id: 'x', start: slow }))).toBe('shutdown');
    expect(await reasonOf(root.start())).toBe('shutdown');
  });

  test.each([
    [{ name: 's', strategy: 'all_for_one', children: [] }, '{invalid_strategy, all_for_one}'],
    [{ name: 's', intensity: -1, children: [] }, '{invalid_intensity, -1}'],
    [{ name: 's', intensity: 1.5, children: [] }, '{invalid_intensity, 1.5}'],
    [{ name: 's', periodMs: 0, children: [] }, '{invalid_period, 0}'],
    [{ name: 's' }, '{bad_start_spec, s}'],
    [{ name: 's', strategy: 'simple_one_for_one', children: [] }, '{invalid_child_type, s}'],
    [{ name: 's', children: [{ id: 'a', start: () => null }] }, '{invalid_child_type, a}'],
    [
      { name: 's', children: [{ id: 'a', start: worker('a'), restart: 'always' }] },
      '{invalid_restart_type, always}',
    ],
    [
      { name: 's', children: [{ id: 'a', start: worker('a'), shutdown: 'soon' }] },
      '{invalid_shutdown, soon}',
    ],
    [{ name: 's', children: [{ id: 'a', start: worker('a'), timeout: -1 }] }, '{invalid_timeout, -1}'],
  ])('a specification that can not be followed is refused: %#', (definition, reason) => {
    expect(() => supervisor(definition as never)).toThrow(reason);
  });
});
