import { spawnSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { cast, genServer, noreply, ProcessTable, reply, type ServerDefinition } from '../../src/otp/index.ts';
import { counter, eventually, reasonOf } from './support.ts';

type Broken = Partial<ServerDefinition<null, { ask: () => null }, { tell: () => void }, void>>;

const broken = (callbacks: Broken) =>
  genServer<null, { ask: () => null }, { tell: () => void }>({
    name: 'broken',
    version: 1,
    init: () => null,
    handleCall: (_request, _from, state) => reply(null, state),
    ...callbacks,
  });

const boom = (): never => {
  throw new RangeError('boom');
};
const reject = (): Promise<never> => Promise.reject(new RangeError('boom'));
const REASON = '{range_error, "boom"}';

/** The reason with which the process ended. */
function endOf(table: ProcessTable): () => string | undefined {
  let reason: string | undefined;
  table.onChange((change) => {
    if (change.type === 'exited') reason = change.reason;
  });
  return () => reason;
}

describe.each([
  ['throws', boom],
  ['rejects', reject],
])('a callback that %s ends its process by that reason', (_how, fail) => {
  const act: [string, Broken, (table: ProcessTable) => unknown][] = [
    ['handleCall', { handleCall: fail }, (table) => table.call('broken', ['ask']).catch(() => {})],
    ['handleCast', { handleCast: fail }, (table) => table.cast('broken', ['tell'])],
    ['handleInfo', { handleInfo: fail }, (table) => table.send('broken', 'x')],
    ['terminate', { terminate: fail }, (table) => table.stop('broken')],
    [
      'suspended, and the suspension with it',
      { suspended: fail, terminate: fail },
      async (table) => {
        expect(await reasonOf(table.suspend({ deadlineMs: 1000 }))).toBe('{suspend_failed, broken}');
        await table.stop('broken');
      },
    ],
  ];
  test.each(act)('%s', async (_name, callbacks, provoke) => {
    const table = new ProcessTable();
    const end = endOf(table);
    await table.start(broken(callbacks));
    await table.start(counter);
    await provoke(table);
    await eventually(() => end() !== undefined, 'the end');
    expect(end()).toBe(REASON);
    expect(await table.call('counter', ['increment'])).toEqual({ count: 1 });
  });

  test('init and resumed: the start fails', async () => {
    const table = new ProcessTable();
    expect(await reasonOf(table.start(broken({ init: fail })))).toBe(REASON);
    const end = endOf(table);
    await table.start(broken({ resumed: fail })).catch(() => {});
    await eventually(() => end() !== undefined, 'the end');
    expect(end()).toBe(REASON);
  });

  test('resumed after a suspension', async () => {
    const table = new ProcessTable();
    const end = endOf(table);
    let times = 0;
    const resumed = () => {
      times += 1;
      return times > 1 ? fail() : undefined;
    };
    await table.start(broken({ resumed }));
    await table.suspend({ deadlineMs: 1000 });
    await table.resume();
    await eventually(() => end() !== undefined, 'the end');
    expect(end()).toBe(REASON);
  });
});

test.each([
  ['a string', 'plain', '{error, "plain"}'],
  ['undefined', undefined, '{error, "undefined"}'],
])('what is thrown may be %s', async (_name, thrown, reason) => {
  const table = new ProcessTable();
  const handleCall = () => {
    throw thrown;
  };
  await table.start(broken({ handleCall }));
  expect(await reasonOf(table.call('broken', ['ask']))).toBe(reason);
});

test('a listener of onChange that throws is reported; other listeners and the process are not touched', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const table = new ProcessTable();
  const seen: string[] = [];
  table.onChange(boom);
  table.onChange(({ type }) => seen.push(type));
  await table.start(counter);
  await table.stop('counter');
  expect(seen).toEqual(['registered', 'unregistered', 'exited']);
  expect(warned.mock.calls[0]?.[0]).toBe('a listener of onChange failed at registered counter: boom');
  expect(warned).toHaveBeenCalledTimes(3);
  warned.mockRestore();
});

test('a chain of callbacks that fail at once ends each process once', async () => {
  const table = new ProcessTable();
  const failing = (name: string, next: string | undefined) =>
    genServer<null, Record<never, never>, { go: () => void }>({
      name,
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => noreply(state),
      handleCast() {
        if (next) cast(next, ['go']);
        return boom();
      },
    });
  const ended: string[] = [];
  table.onChange((change) => change.type === 'exited' && ended.push(change.name));
  await table.start(failing('a', 'b'));
  await table.start(failing('b', 'c'));
  await table.start(failing('c', undefined));
  table.cast('a', ['go']);
  await eventually(() => table.list().length === 0, 'all end');
  expect(ended).toEqual(['a', 'b', 'c']);
});

test('the program lives on, without an unhandled rejection, in a process of its own', () => {
  const script = `
    import { genServer, ProcessTable, reply } from ${JSON.stringify(new URL('../../src/otp/index.ts', import.meta.url).href)};
    const table = new ProcessTable();
    table.onChange(() => { throw new Error('listener'); });
    const fail = async () => { throw new Error('boom'); };
    const server = (name, callbacks) => genServer({ name, version: 1, init: () => null, handleCall: (_r, _f, s) => reply(1, s), ...callbacks });
    await table.start(server('a', { handleCast: fail }));
    await table.start(server('b', { handleInfo: fail, terminate: fail }));
    await table.start(server('c', { resumed: fail })).catch(() => {});
    await table.start(server('d', { init: fail })).catch(() => {});
    table.cast('a', ['x']);
    table.send('b', 'x');
    while (table.list().length > 0) await new Promise((resolve) => setImmediate(resolve));
    console.log(JSON.stringify(table.list()));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '[]\n' });
  expect(stderr).toContain('ErlmcpWarning: a listener of onChange failed');
});
