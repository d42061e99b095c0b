import { expect, test } from 'vitest';
import type { ControlContext } from '../../src/admin/control-handlers.ts';
import { OperationFeed } from '../../src/admin/operation-feed.ts';
import type { NotificationOf } from '../../src/control/index.ts';
import { result } from '../ctl/samples.ts';

type Event = NotificationOf<'upgrade_event'>;

const event = (operation: string, phase: Event['phase'], state: Event['state']): Event => ({
  operation,
  phase,
  state,
  completed: 0,
  total: 8,
});

function follower() {
  const heard: string[] = [];
  const caller = new AbortController();
  const context: ControlContext = {
    signal: caller.signal,
    notify: (_, { phase, state }) => void heard.push(`${phase} ${state}`),
  };
  return { heard, context, leave: () => caller.abort() };
}

test('whoever follows hears every step and the result, whenever they came', async () => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  const early = follower();
  const first = feed.follow('op-1', early.context);
  feed.tell(event('op-1', 'pre_flight_checks', 'started'));
  const late = follower();
  const second = feed.follow(undefined, late.context);
  feed.tell(event('op-1', 'pre_flight_checks', 'done'));
  feed.end(result);
  const after = follower();
  expect(await Promise.all([first, second, feed.follow('op-1', after.context)])).toEqual([
    result,
    result,
    result,
  ]);
  const all = ['pre_flight_checks started', 'pre_flight_checks done'];
  expect([early.heard, late.heard, after.heard]).toEqual([all, all, all]);
});

test('a follower that leaves is let go, and the operation goes on', async () => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  const leaving = follower();
  const followed = feed.follow('op-1', leaving.context);
  leaving.leave();
  await expect(followed).rejects.toMatchObject({ exitCode: 124 });
  feed.tell(event('op-1', 'backup_state', 'started'));
  expect(leaving.heard).toEqual([]);
  feed.end(result);
  expect(await feed.follow('op-1', follower().context)).toEqual(result);
});

test('operations are kept apart, the oldest are forgotten, an unknown one is refused by name', async () => {
  const feed = new OperationFeed();
  const { context } = follower();
  await expect(feed.follow(undefined, context)).rejects.toMatchObject({
    reason: '{no_such_operation, "none"}',
  });
  for (let n = 1; n <= 9; n += 1) feed.begin(`op-${n}`);
  await expect(feed.follow('op-1', context)).rejects.toMatchObject({ reason: '{no_such_operation, "op-1"}' });
  feed.tell(event('op-9', 'backup_state', 'started'));
  feed.end({ ...result, operation: 'op-8' });
  const eighth = follower();
  expect(await feed.follow('op-8', eighth.context)).toMatchObject({ operation: 'op-8' });
  expect(eighth.heard).toEqual([]);
  expect(feed.has('op-9')).toBe(true);
});
