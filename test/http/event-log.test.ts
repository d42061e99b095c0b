import { expect, test } from 'vitest';
import { type EventLimits, EventLog } from '../../src/host/streams/index.ts';
import { eventsOf, openStore } from './node-under-test.ts';

const text = (value: string): Buffer => Buffer.from(JSON.stringify(value));
const log = (limits: Partial<EventLimits> = {}, root = openStore()): EventLog =>
  new EventLog(eventsOf(root), limits);
const texts = (events: EventLog, session: string, stream: number): unknown[] =>
  events.read(session, stream).map(({ json }) => JSON.parse(json.toString()));

test('reads what was appended, before and after it is committed', async () => {
  const events = log();
  for (const value of ['a', 'b']) events.append('s', 1, 'message', text(value));
  events.append('s', 2, 'message', text('other stream'));
  events.append('t', 1, 'message', text('other session'));
  expect(texts(events, 's', 1)).toEqual(['a', 'b']);
  await events.flushed();
  events.append('s', 1, 'answer', text('c'));
  expect(texts(events, 's', 1)).toEqual(['a', 'b', 'c']);
  expect(events.read('s', 1).map(({ kind }) => kind)).toEqual(['message', 'message', 'answer']);
});

test('keeps the newest events of a session, by count and by bytes', async () => {
  const byCount = log({ events: 3 });
  for (const value of ['a', 'b', 'c', 'd', 'e']) byCount.append('s', 1, 'message', text(value));
  byCount.append('t', 1, 'message', text('other'));
  await byCount.flushed();
  expect(texts(byCount, 's', 1)).toEqual(['c', 'd', 'e']);
  expect(texts(byCount, 't', 1)).toEqual(['other']);

  const byBytes = log({ bytes: 100 });
  for (let n = 0; n < 10; n += 1) byBytes.append('s', 1, 'message', text('x'.repeat(38)));
  await byBytes.flushed();
  expect(byBytes.read('s', 1)).toHaveLength(2);
  byBytes.append('s', 1, 'message', text('y'.repeat(500)));
  await byBytes.flushed();
  expect(texts(byBytes, 's', 1), 'the newest stays, however large').toEqual(['y'.repeat(500)]);
});

test('counts what an earlier life left', async () => {
  const root = openStore();
  const before = log({ events: 3 }, root);
  for (const value of ['a', 'b', 'c']) before.append('s', 1, 'message', text(value));
  await before.flushed();
  const after = log({ events: 3 }, root);
  after.append('s', 1, 'message', text('d'));
  await after.flushed();
  expect(texts(after, 's', 1)).toEqual(['b', 'c', 'd']);
});

test('numbers of a later life are greater, and ids of an earlier one stay valid', async () => {
  const root = openStore();
  const before = log({}, root);
  const stream = before.nextNumber();
  const id = `${before.idPrefix('s', stream, [7, 'x'])}${before.nextNumber().toString(36)}`;
  const after = log({}, root);
  expect(after.nextNumber()).toBeGreaterThan(before.nextNumber());
  expect(after.parseId('s', id)).toMatchObject({ stream, requests: [7, 'x'], post: true });
});

test('an id is valid as it was given, and in its session only', () => {
  const events = log();
  const id = `${events.idPrefix('s', 5, [1])}a`;
  expect(events.parseId('s', id)).toMatchObject({ stream: 5, event: 10, requests: [1] });
  expect(events.parseId('t', id)).toBeUndefined();
  expect(log().parseId('s', id), 'of another node').toBeUndefined();
  for (let index = 0; index < id.lastIndexOf('-'); index += 1) {
    const changed = id[index] === 'x' ? 'y' : 'x';
    expect(
      events.parseId('s', id.slice(0, index) + changed + id.slice(index + 1)),
      `at ${index}`,
    ).toBeUndefined();
  }
  for (const other of ['', '-', 'a.b', `${id}!`, `${id}\n`, 'x'.repeat(10_000)]) {
    expect(events.parseId('s', other), other.slice(0, 20)).toBeUndefined();
  }
});

test('ids of requests too long for a header are left out', () => {
  const events = log();
  const prefix = events.idPrefix('s', 1, ['x'.repeat(1_000)]);
  expect(prefix.length).toBeLessThan(400);
  expect(events.parseId('s', `${prefix}1`)).toMatchObject({ post: true, requests: [] });
});

test('forgets a session, with what is not committed yet', async () => {
  const events = log();
  events.append('s', 1, 'message', text('a'));
  await events.flushed();
  events.append('s', 1, 'message', text('b'));
  events.append('t', 1, 'message', text('c'));
  await events.forget('s');
  expect(texts(events, 's', 1)).toEqual([]);
  expect(texts(events, 't', 1)).toEqual(['c']);
});

test('more sessions than are remembered keep their bounds', async () => {
  const events = log({ events: 2 });
  const sessions = Array.from({ length: 1_100 }, (_, n) => `s${n}`);
  for (let round = 0; round < 3; round += 1) {
    for (const session of sessions) events.append(session, 1, 'message', text(String(round)));
    await events.flushed();
  }
  for (const session of ['s0', 's500', 's1099']) expect(texts(events, session, 1)).toEqual(['1', '2']);
});
