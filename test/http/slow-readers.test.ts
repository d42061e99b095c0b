/** How much a client may leave unread. */
import { expect, test } from 'vitest';
import { json } from './fake-gateway.ts';
import { start, until } from './node-under-test.ts';

const large = (n: number): Buffer =>
  json({ jsonrpc: '2.0', method: 'notifications/message', params: { n, text: 'x'.repeat(60 * 1024) } });

test('a reader that does not read is cut off, and loses nothing', async () => {
  const node = await start({
    limits: { streamBufferBytes: 64 * 1024 },
    eventLimits: { bytes: 64 * 1024 * 1024 },
  });
  const { id } = node.gateway.addSession();
  const slow = await node.listen(id);
  let seen = (await slow.next()).id!;
  slow.res.pause();
  const sink = node.gateway.sessions.get(id)?.sink;
  let sent = 0;
  await until(() => {
    if (node.warnings.length > 0) return true;
    sink?.emit(large(sent));
    sent += 1;
    return false;
  }, 'it to be cut off');
  expect(node.warnings[0]).toMatch(/left \d+ bytes of its event stream unread/);
  await until(() => node.transport.streams === 0, 'the stream to be closed');
  let again = await node.listen(id, seen);
  for (let n = 0; n < sent; ) {
    // On a machine that is busy this reader may be found slow once more, and comes back.
    const message = await again.message().catch(() => undefined);
    if (message === undefined) again = await node.listen(id, seen);
    else {
      expect(message.json.params).toMatchObject({ n });
      seen = message.id!;
      n += 1;
    }
  }
});

test('many events at once do not make a reader slow', async () => {
  const node = await start({ limits: { streamBufferBytes: 64 * 1024 } });
  const { id } = node.gateway.addSession();
  const events = await node.listen(id);
  for (let n = 0; n < 4; n += 1) node.gateway.sessions.get(id)?.sink?.emit(large(n));
  for (let n = 0; n < 4; n += 1) await events.message();
  expect(node.warnings).toEqual([]);
});
