import { once } from 'node:events';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ControlContext, ControlHandlers } from '../../src/admin/control-handlers.ts';
import { type ControlServerLimits, startControlServer } from '../../src/admin/control-server.ts';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { fakeHandlers, health, result } from '../ctl/samples.ts';
import { temporaryFolder, until } from '../ctl/support.ts';

interface Setup {
  handlers?: Partial<ControlHandlers>;
  limits?: Partial<ControlServerLimits>;
  socketPath?: string;
}

async function serve({ handlers = {}, limits = {}, socketPath }: Setup = {}) {
  const path = socketPath ?? join(await temporaryFolder(), 'run', 'erlmcp.sock');
  const logged: string[] = [];
  const server = await startControlServer({
    socketPath: path,
    handlers: fakeHandlers(handlers),
    limits,
    log: (message, error) => logged.push(`${message} ${error instanceof Error ? error.message : ''}`),
  });
  onTestFinished(() => server.close());
  return { server, path, logged };
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever the server says
type Answer = any;

class Caller {
  readonly socket: Socket;
  readonly answers: Answer[] = [];
  closed = false;
  #text = '';

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    onTestFinished(() => void this.socket.destroy());
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.on('end', () => this.socket.end());
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (this.#text + chunk).split('\n');
      this.#text = lines.pop() ?? '';
      this.answers.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line)));
    });
  }

  send(id: number, method: string, params?: unknown): void {
    this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  }

  async answer(index = 0): Promise<Answer> {
    await until(() => this.answers.length > index, `answer ${index}`);
    return this.answers[index];
  }
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('the socket and the folder made for it are for the owner alone', async () => {
  const { path } = await serve();
  expect(await modeOf(path)).toBe('600');
  expect(await modeOf(dirname(path))).toBe('700');
});

test('it never stands at its path with another mode', async () => {
  const path = join(await temporaryFolder(), 'run', 'erlmcp.sock');
  const modes = new Set<string>();
  let started = false;
  const observer = (async () => {
    while (!started) {
      await modeOf(path).then(
        (mode) => modes.add(mode),
        () => {},
      );
    }
    modes.add(await modeOf(path));
  })();
  await serve({ socketPath: path });
  started = true;
  await observer;
  expect([...modes]).toEqual(['600']);
});

test('answers a request, and several on one connection, however the bytes are cut', async () => {
  const { path } = await serve();
  const caller = new Caller(path);
  const text = [1, 2, 3]
    .map((id) => `${JSON.stringify({ jsonrpc: '2.0', id, method: 'health' })}\n`)
    .join('');
  for (const part of text.match(/.{1,7}\n?|\n/g)!) {
    caller.socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await caller.answer(2);
  expect(caller.answers.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
  expect(caller.answers[0].result).toEqual(health);
});

test('hands checked params to the handler', async () => {
  let seen: unknown;
  const { path } = await serve({
    handlers: {
      restart: (params) => {
        seen = params;
        throw new OperatorError(tuple('not_open', 'http'), 'It is not open.', 'Look.', { exitCode: 2 });
      },
    },
  });
  const caller = new Caller(path);
  caller.send(1, 'restart', { name: 'http' });
  expect((await caller.answer()).error).toEqual({
    code: 1,
    message: 'It is not open.',
    data: { term: '{not_open, "http"}', remedy: 'Look.', exit_code: 2 },
  });
  expect(seen).toEqual({ name: 'http' });
});

test.each([
  ['a wrong value', 'restart', { name: '' }],
  ['a missing key', 'restart', {}],
  ['an unknown key', 'health', { verbose: true }],
  ['a version that leads out of its folder', 'upgrade', { version: '../3.0.0' }],
  ['an array', 'health', []],
  ['two modes at once', 'upgrade', { version: '3.0.0', dry_run: true, verify_only: true }],
])('refuses %s', async (_, method, params) => {
  const { path } = await serve();
  const caller = new Caller(path);
  caller.send(1, method, params);
  const { error } = await caller.answer();
  expect(error.code).toBe(-32602);
  expect(error.data).toMatchObject({ term: `{bad_params, "${method}"}`, exit_code: 64 });
});

test('refuses a method that it does not have, also one of Object', async () => {
  const { path } = await serve();
  const caller = new Caller(path);
  caller.send(1, 'toString');
  expect((await caller.answer()).error).toMatchObject({ code: -32601, data: { exit_code: 64 } });
});

test('a result that does not fit, and a handler that throws, are logged and named', async () => {
  const { path, logged } = await serve({
    handlers: {
      health: () => ({ ...health, score: 101 }),
      version: () => {
        throw new Error('disk on fire');
      },
    },
  });
  const caller = new Caller(path);
  caller.send(1, 'health');
  caller.send(2, 'version');
  await caller.answer(1);
  const byId = (id: number) => caller.answers.find((answer) => answer.id === id).error;
  expect(byId(1)).toMatchObject({ code: -32603, data: { term: '{internal_error, "health"}', exit_code: 1 } });
  expect(byId(1).message).toContain('score');
  expect(byId(2).message).toContain('disk on fire');
  expect(logged.sort()).toEqual([
    expect.stringMatching(/health failed .*score/),
    expect.stringMatching(/version failed .*disk on fire/),
  ]);
});

test.each([
  ['no JSON', '{"jsonrpc"', -32700],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), -32700],
  ['no request', '[1]', -32600],
  ['no version', '{"id":1,"method":"health"}', -32600],
  ['an id that is none', '{"jsonrpc":"2.0","id":{},"method":"health"}', -32600],
])('answers a line that is %s, and goes on', async (_, line, code) => {
  const { path } = await serve();
  const caller = new Caller(path);
  caller.socket.write(line);
  caller.socket.write('\n');
  caller.send(7, 'health');
  await caller.answer(1);
  const refused = caller.answers.find(({ id }) => id === null);
  expect(refused.error.code).toBe(code);
  expect(caller.answers.find(({ id }) => id === 7).result).toEqual(health);
});

test('a notification gets no answer', async () => {
  const { path } = await serve();
  const caller = new Caller(path);
  caller.socket.write('{"jsonrpc":"2.0","method":"health"}\n\n');
  caller.send(7, 'health');
  expect((await caller.answer()).id).toBe(7);
});

test('a line over the limit is refused and its connection closed, others are served', async () => {
  const { path } = await serve();
  const caller = new Caller(path);
  caller.socket.write(Buffer.alloc(1024 * 1024 + 1, 'x'));
  expect((await caller.answer()).error.data.term).toBe('{message_too_long, 1048576}');
  await until(() => caller.closed, 'the connection is closed');
  const other = new Caller(path);
  other.send(1, 'health');
  expect((await other.answer()).result).toEqual(health);
});

test('a caller that has closed its half still gets its answer', async () => {
  const gate = Promise.withResolvers<void>();
  const { path } = await serve({ handlers: { health: () => gate.promise.then(() => health) } });
  const caller = new Caller(path);
  caller.send(1, 'health');
  caller.socket.end();
  await new Promise((resolve) => setTimeout(resolve, 50));
  gate.resolve();
  expect((await caller.answer()).result).toEqual(health);
  await until(() => caller.closed, 'the connection is closed');
});

test('a caller that goes away does not end what it started, and the handler learns of it', async () => {
  const gate = Promise.withResolvers<void>();
  let context: ControlContext | undefined;
  let ended = false;
  const { path } = await serve({
    handlers: {
      upgrade_follow: async (_, given) => {
        context = given;
        await gate.promise;
        given.notify('upgrade_event', {
          operation: 'op-1',
          phase: 'migrate_data',
          state: 'done',
          completed: 6,
          total: 8,
        });
        ended = true;
        return result;
      },
    },
  });
  const caller = new Caller(path);
  caller.send(1, 'upgrade_follow', {});
  await until(() => context !== undefined, 'the handler runs');
  caller.socket.destroy();
  await until(() => context!.signal.aborted, 'the handler is told');
  gate.resolve();
  await until(() => ended, 'the handler has ended');
});

test('cuts off a caller that is silent, but not one that waits for an answer', async () => {
  const gate = Promise.withResolvers<void>();
  const { path } = await serve({
    handlers: { health: () => gate.promise.then(() => health) },
    limits: { idleMs: 100 },
  });
  const waiting = new Caller(path);
  waiting.send(1, 'health');
  const silent = new Caller(path);
  silent.socket.write('{"jsonrpc":');
  await until(() => silent.closed, 'the silent caller is cut off');
  expect(waiting.closed).toBe(false);
  gate.resolve();
  expect((await waiting.answer()).result).toEqual(health);
});

test('bounds calls in flight and connections', async () => {
  const gate = Promise.withResolvers<void>();
  const { path } = await serve({
    handlers: { health: () => gate.promise.then(() => health) },
    limits: { maxCallsInFlight: 2, maxConnections: 1 },
  });
  const caller = new Caller(path);
  for (const id of [1, 2, 3]) caller.send(id, 'health');
  const refused = await caller.answer();
  expect(refused.id).toBe(3);
  expect(refused.error.data.term).toBe('{too_many_calls, 2}');
  const second = new Caller(path);
  expect((await second.answer()).error.data.term).toBe('{too_many_connections, 1}');
  await until(() => second.closed, 'the second connection is closed');
  gate.resolve();
  await caller.answer(2);
});

test('cuts off a caller that does not read', async () => {
  const event = {
    operation: 'op-1',
    phase: 'backup_state',
    state: 'started',
    message: 'x'.repeat(100_000),
    completed: 1,
    total: 8,
  } as const;
  const { path, logged } = await serve({
    handlers: {
      upgrade_follow: async (_, { notify, signal }) => {
        while (!signal.aborted) {
          notify('upgrade_event', event);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return result;
      },
    },
    limits: { maxUnreadBytes: 1_000_000 },
  });
  const caller = new Caller(path);
  caller.socket.pause();
  caller.send(1, 'upgrade_follow', {});
  await until(() => logged.some((line) => line.includes('does not read')), 'it is logged');
});

test('replaces a stale socket', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'erlmcp.sock');
  const dead = createServer().listen(join(folder, 'other'));
  await once(dead, 'listening');
  await rename(join(folder, 'other'), path);
  await new Promise((resolve) => dead.close(resolve));
  expect((await stat(path)).isSocket()).toBe(true);
  await serve({ socketPath: path });
  const caller = new Caller(path);
  caller.send(1, 'health');
  expect((await caller.answer()).result).toEqual(health);
});

test('refuses a path where a node answers, and leaves that one serving', async () => {
  const { path } = await serve();
  await expect(serve({ socketPath: path })).rejects.toMatchObject({ reason: `{already_running, "${path}"}` });
  const caller = new Caller(path);
  caller.send(1, 'health');
  expect((await caller.answer()).result).toEqual(health);
});

test('refuses another kind of file, a path that is too long, and a folder that can not be made', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'erlmcp.sock');
  await writeFile(file, 'precious');
  await expect(serve({ socketPath: file })).rejects.toMatchObject({ reason: `{not_a_socket, "${file}"}` });
  const long = join(folder, 'x'.repeat(110), 'erlmcp.sock');
  await expect(serve({ socketPath: long })).rejects.toMatchObject({
    reason: `{socket_path_too_long, "${long}"}`,
  });
  const under = join(file, 'run', 'erlmcp.sock');
  await expect(serve({ socketPath: under })).rejects.toMatchObject({
    reason: `{control_socket_failed, "${under}"}`,
  });
});

test('a path of the greatest length that the system allows works', async () => {
  const folder = await temporaryFolder();
  const limit = process.platform === 'linux' ? 107 : 103;
  const run = join(folder, 'x'.repeat(limit - folder.length - '//erlmcp.sock'.length));
  await mkdir(run);
  const { path } = await serve({ socketPath: join(run, 'erlmcp.sock') });
  expect(path.length).toBe(limit);
  const caller = new Caller(path);
  caller.send(1, 'health');
  expect((await caller.answer()).result).toEqual(health);
});

test('closing answers what is in flight, ends followers, removes the socket, and can be repeated', async () => {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  const { server, path } = await serve({
    handlers: {
      health: () => {
        running += 1;
        return gate.promise.then(() => health);
      },
      upgrade_follow: (_, { signal }) => {
        running += 1;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(result)));
      },
    },
    limits: { closeMs: 20_000 },
  });
  const caller = new Caller(path);
  caller.send(1, 'health');
  caller.send(2, 'upgrade_follow', {});
  await until(() => running === 2, 'both handlers run');
  const closed = Promise.all([server.close(), server.close()]);
  expect((await caller.answer()).id).toBe(2);
  gate.resolve();
  expect((await caller.answer(1)).result).toEqual(health);
  await closed;
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('closing does not wait for a handler without end', async () => {
  const { server, path } = await serve({
    handlers: { health: () => new Promise(() => {}) },
    limits: { closeMs: 50 },
  });
  const caller = new Caller(path);
  caller.send(1, 'health');
  await until(() => caller.socket.bytesWritten > 0 && !caller.socket.connecting, 'the request is sent');
  await server.close();
  await until(() => caller.closed, 'the connection is closed');
});

test("closing leaves a successor's socket alone", async () => {
  const { server, path } = await serve();
  await rename(path, `${path}.old`);
  const successor = createServer().listen(path);
  await once(successor, 'listening');
  onTestFinished(() => void successor.close());
  await server.close();
  expect((await stat(path)).isSocket()).toBe(true);
});
