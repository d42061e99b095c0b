import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  genServer,
  noreply,
  ProcessTable,
  type Restart,
  Supervisor,
  supervisor,
} from '../../src/otp/index.ts';
import { RestartIntensity } from '../../src/otp/restart-intensity.ts';
import { worker } from './supervision-support.ts';
import { counter, eventually, gate, reasonOf, record } from './support.ts';

const isNew = (table: ProcessTable, name: string, before: string | undefined) => () =>
  ![undefined, before].includes(table.whereis(name)) && table.info(name)?.status === 'waiting';

describe('start and stop', () => {
  test('children start in order and stop in reverse order', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const root = new Supervisor(
      { name: 'sup', children: ['a', 'b', 'c'].map((id) => ({ id, start: worker(id, log) })) },
      { table },
    );
    await root.start();
    expect(root.countChildren()).toEqual({ specs: 3, active: 3, supervisors: 0, workers: 3 });
    expect(table.info('sup')).toMatchObject({ kind: 'supervisor', status: 'waiting' });
    expect(table.info('b')).toMatchObject({ supervisor: 'sup' });
    await root.stop();
    expect(log).toEqual([
      'start a',
      'start b',
      'start c',
      'end c shutdown',
      'end b shutdown',
      'end a shutdown',
    ]);
    expect(table.list()).toEqual([]);
  });

  test('when a child fails to start, those before it are stopped and the start names it', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const fail = (): never => {
      throw new Error('no');
    };
    const root = new Supervisor(
      {
        name: 'sup',
        children: [
          { id: 'a', start: worker('a', log) },
          { id: 'b', start: worker('b', log, fail) },
        ],
      },
      { table },
    );
    expect(await reasonOf(root.start())).toBe('{shutdown, {failed_to_start_child, b, {error, "no"}}}');
    expect(log).toEqual(['start a', 'start b', 'end a shutdown']);
    expect(table.list()).toEqual([]);
  });

  test('a child that does not end within its shutdown is killed; brutal_kill does not ask', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const log: string[] = [];
    const stuck = genServer<null>({
      name: 'stuck',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => noreply(state),
      terminate: () => opened,
    });
    const exits: string[] = [];
    table.onChange((change) => change.type === 'exited' && exits.push(`${change.name} ${change.reason}`));
    const root = new Supervisor(
      {
        name: 'sup',
        children: [
          { id: 'stuck', start: stuck, shutdown: 5 },
          { id: 'brutal', start: worker('brutal', log), shutdown: 'brutal_kill' },
        ],
      },
      { table },
    );
    await root.start();
    await root.stop();
    open();
    expect(exits).toEqual(['brutal killed', 'stuck killed', 'sup shutdown']);
    expect(log).toEqual(['start brutal']);
  });

  test('a start that hangs can be stopped', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const root = new Supervisor(
      { name: 'sup', children: [{ id: 'slow', start: worker('slow', [], () => opened), shutdown: 5 }] },
      { table },
    );
    const started = reasonOf(root.start());
    await eventually(() => table.whereis('slow') !== undefined, 'init');
    await root.stop();
    expect(await started).toBe('{shutdown, {failed_to_start_child, slow, killed}}');
    open();
    expect(table.list()).toEqual([]);
  });

  test('ids are unique', () => {
    const children = [
      { id: 'a', start: counter },
      { id: 'a', start: counter, name: 'other' },
    ];
    expect(() => supervisor({ name: 'sup', children })).toThrow('{duplicate_child_id, a}');
  });
});

describe('restarts', () => {
  test('one_for_one: only the child that ended is restarted, from init', async () => {
    const table = new ProcessTable();
    const children = [
      { id: 'a', start: counter, args: { from: 5 } },
      { id: 'b', start: counter, name: 'sibling' },
    ];
    const root = new Supervisor({ name: 'sup', children }, { table });
    await root.start();
    await table.call('counter', ['increment']);
    await table.call('sibling', ['increment']);
    const [a, b] = [table.whereis('counter'), table.whereis('sibling')];
    table.cast('counter', ['crash']);
    await eventually(isNew(table, 'counter', a), 'a restart');
    expect(await table.call('counter', ['get'])).toEqual({ count: 5 });
    expect(await table.call('sibling', ['get'])).toEqual({ count: 1 });
    expect(table.whereis('sibling')).toBe(b);
    expect(table.info('sup')).toMatchObject({ handled: 1, status: 'waiting' });
  });

  test.each<[Restart, string, boolean]>([
    ['permanent', 'normal', true],
    ['permanent', 'oops', true],
    ['transient', 'normal', false],
    ['transient', 'shutdown', false],
    ['transient', '{shutdown, done}', false],
    ['transient', 'oops', true],
    ['temporary', 'oops', false],
  ])('a %s child that ends with %s: restarted %s', async (restart, reason, restarted) => {
    const table = new ProcessTable();
    const root = new Supervisor(
      { name: 'sup', children: [{ id: 'w', start: worker('w'), restart }] },
      { table },
    );
    await root.start();
    const before = table.whereis('w');
    table.cast('w', ['end', reason]);
    await eventually(
      () => table.info('sup')?.handled === 1 && table.info('sup')?.status === 'waiting',
      'the end',
    );
    expect(table.whereis('w') !== undefined).toBe(restarted);
    expect(table.whereis('w')).not.toBe(before);
    const gone = restart === 'temporary' ? [] : [{ id: 'w', status: 'ended', pid: undefined }];
    expect(root.whichChildren()).toMatchObject(restarted ? [{ id: 'w', status: 'waiting' }] : gone);
  });

  test('too many restarts end the supervisor and its other children', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const ends: string[] = [];
    const root = new Supervisor(
      {
        name: 'sup',
        children: [
          { id: 'a', start: worker('a', log) },
          { id: 'b', start: worker('b', log) },
        ],
      },
      { table, onExit: ({ reason }) => ends.push(reason) },
    );
    await root.start();
    const before = table.whereis('b');
    table.cast('b', ['end', 'first']);
    await eventually(isNew(table, 'b', before), 'a restart');
    table.cast('b', ['end', 'second']);
    await eventually(() => ends.length === 1, 'the end of the supervisor');
    expect(ends).toEqual(['shutdown']);
    expect(log.slice(2)).toEqual(['end b first', 'start b', 'end b second', 'end a shutdown']);
    expect(table.list()).toEqual([]);
  });

  test('a restart that fails counts as one and is tried again', async () => {
    const table = new ProcessTable();
    let starts = 0;
    const init = (): null => {
      starts += 1;
      if (starts === 2 || starts === 3) throw new Error('not yet');
      return null;
    };
    const root = new Supervisor(
      { name: 'sup', intensity: 3, children: [{ id: 'w', start: worker('w', [], init) }] },
      { table },
    );
    await root.start();
    const before = table.whereis('w');
    table.cast('w', ['end', 'oops']);
    await eventually(() => starts === 4 && isNew(table, 'w', before)(), 'the third try');
    expect(await table.call('w', ['ping'])).toBe('pong');
  });

  test('a supervisor that gives up is restarted by the one above, which counts it', async () => {
    const table = new ProcessTable();
    const seen = record(table);
    const ends: string[] = [];
    const inner = supervisor({ name: 'inner', intensity: 0, children: [{ id: 'w', start: worker('w') }] });
    const root = new Supervisor(
      {
        name: 'root',
        children: [
          { id: 'inner', start: inner },
          { id: 'c', start: counter },
        ],
      },
      { table, onExit: ({ reason }) => ends.push(reason) },
    );
    await root.start();
    expect(root.countChildren()).toEqual({ specs: 2, active: 2, supervisors: 1, workers: 1 });
    expect(table.info('inner')).toMatchObject({ supervisor: 'root', kind: 'supervisor' });
    const before = table.whereis('w');
    table.cast('w', ['end', 'oops']);
    await eventually(isNew(table, 'w', before), 'a restart from above');
    expect(seen).toContain('exited inner');
    expect(table.whereis('counter')).toBeDefined();
    const second = table.whereis('w');
    table.cast('w', ['end', 'oops']);
    await eventually(() => ends.length === 1, 'the end of the root');
    expect(second).not.toBe(before);
    expect(table.list()).toEqual([]);
  });

  test('the intensity is that of a sliding period', () => {
    const intensity = new RestartIntensity(2, 1000);
    expect([0, 10, 20].map((at) => intensity.allow(at))).toEqual([true, true, false]);
    const later = new RestartIntensity(1, 1000);
    expect([0, 999, 2500].map((at) => later.allow(at))).toEqual([true, false, true]);
  });

  test('property: after any order of crashes each child runs, and only those that crashed are new', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...ids), { maxLength: 12 }), async (crashes) => {
        const table = new ProcessTable();
        const children = ids.map((id) => ({ id, start: counter, name: id }));
        const root = new Supervisor({ name: 'sup', intensity: crashes.length, children }, { table });
        await root.start();
        const before = new Map(ids.map((id) => [id, table.whereis(id)]));
        for (const id of crashes) table.cast(id, ['crash']);
        await eventually(
          () =>
            table.list().every(({ status, mailboxLength }) => status === 'waiting' && mailboxLength === 0),
          'rest',
        );
        for (const id of ids) {
          expect(table.whereis(id) === before.get(id)).toBe(!crashes.includes(id));
          expect(await table.call(id, ['increment'])).toEqual({ count: 1 });
        }
        await root.stop();
        expect(table.list()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
