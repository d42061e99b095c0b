import { createConnection, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CallError, Link } from '../../src/wire/index.ts';

type Ping = { type: 'ping'; at: number } | { type: 'call'; id: number; name: string; params: unknown };
interface Calls {
  add: [{ a: number; b: number }, number];
  fail: [Record<string, never>, never];
  silent: [Record<string, never>, never];
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = createConnection(port, '127.0.0.1');
  const other = await accepted;
  server.close();
  closing.push(
    () => client.destroy(),
    () => other.destroy(),
  );
  return [client, other];
}

async function linked() {
  const [a, b] = await socketPair();
  const seen: Ping[] = [];
  let ended: Error | undefined | 'open' = 'open';
  const near = new Link<Ping, Ping, Calls>(a, {
    data: () => {},
    message: () => {},
    closed: (error) => {
      ended = error;
    },
  });
  const far: Link<Ping, Ping, Calls> = new Link<Ping, Ping, Calls>(b, {
    data: () => {},
    message: (message) => {
      seen.push(message);
      if (message.type !== 'call') return;
      const { a: one, b: two } = message.params as { a: number; b: number };
      if (message.name === 'add') far.answer(message.id, one + two);
      else if (message.name === 'fail')
        far.fail(message.id, { reason: '{server_busy, counter}', message: 'busy' });
    },
    closed: () => {},
  });
  return { near, far, b, seen, ended: () => ended };
}

describe('a link', () => {
  it('answers calls by number', async () => {
    const { near } = await linked();
    const sums = [1, 2, 3].map((n) => near.call('add', { a: n, b: n }, 5_000));
    expect(await Promise.all(sums)).toEqual([2, 4, 6]);
  });

  it('hands on the reason of a failure', async () => {
    const { near } = await linked();
    const error = await near.call('fail', {}, 5_000).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(CallError);
    expect((error as CallError).reason).toBe('{server_busy, counter}');
  });

  it('gives up at the deadline', async () => {
    const { near } = await linked();
    await expect(near.call('silent', {}, 20)).rejects.toThrow(/within 20 ms/);
  });

  it('rejects all that waits when the connection ends', async () => {
    const { near, b, ended } = await linked();
    const waiting = near.call('silent', {}, 60_000);
    b.destroy();
    await expect(waiting).rejects.toThrow(/ended/);
    await expect(near.call('add', { a: 1, b: 1 }, 1_000)).rejects.toThrow();
    expect(ended()).toBeUndefined();
  });

  it('ends when garbage comes', async () => {
    const { b, ended } = await linked();
    b.write('this is not a frame, it is a text');
    await expect.poll(ended).toBeInstanceOf(Error);
  });
});
