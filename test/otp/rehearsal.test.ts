/** Copies of servers' states while these go on, and a table in which only servers that are safe to rehearse act by themselves. */
import { expect, it } from 'vitest';
import { genServer, noreply, ProcessTable, reply, sendAfter } from '../../src/otp/index.ts';

type Calls = { put: (value: unknown) => unknown; wait: () => unknown };

const holder = (name: string, released: Promise<void> = Promise.resolve()) =>
  genServer<unknown, Calls>({
    name,
    version: 4,
    init: () => ({ of: name, list: [1] }),
    async handleCall(request, _from, state) {
      if (request[0] === 'put') return reply(request[1], request[1]);
      await released;
      return reply('waited', state);
    },
  });

it('copies are read while the servers go on, and change nothing of them', async () => {
  const table = new ProcessTable();
  await table.start(holder('one'));
  await table.call('one', ['put', { n: 1 }]);
  const before = table.info('one');
  const { snapshots, busy, unfit } = await table.copyStates(1_000);
  expect([busy, unfit]).toEqual([[], []]);
  expect(snapshots).toMatchObject([{ name: 'one', version: 4, state: { n: 1 }, mailbox: [], timers: [] }]);
  expect(table.info('one')).toEqual(before);
  (snapshots[0]?.state as { n: number }).n = 2;
  expect(await table.system('one', ['get_state'])).toEqual({ n: 1 });
});

it('a server at work and one whose state can not travel are named, the others are copied', async () => {
  const table = new ProcessTable();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const server of [holder('good'), holder('busy', promise), holder('bad')]) await table.start(server);
  const waiting = table.call('busy', ['wait']);
  await table.call('bad', ['put', { run: () => 1 }]);
  const { snapshots, busy, unfit } = await table.copyStates(50);
  expect(snapshots.map(({ name }) => name)).toEqual(['good']);
  expect(busy).toEqual([{ name: 'busy', task: 'call wait' }]);
  expect(unfit).toMatchObject([{ name: 'bad', why: expect.stringContaining('could not be cloned') }]);
  resolve();
  expect(await waiting).toBe('waited');
});

const acting = (name: string, seen: string[], safeToRehearse: boolean, hasHook = true) =>
  genServer<null, { ask: () => string }>({
    name,
    version: 1,
    safeToRehearse,
    init() {
      sendAfter(1, 'tick');
      return null;
    },
    handleCall: (_request, _from, state) => reply('answered', state),
    handleInfo(message, state) {
      seen.push(`${name} ${message}`);
      return noreply(state);
    },
    ...(hasHook ? { resumed: () => void seen.push(`${name} resumed`) } : {}),
  });

it('in a rehearsal hooks and timers are left to those that are safe; the others still show that they live', async () => {
  const seen: string[] = [];
  const table = new ProcessTable({ isRehearsal: true });
  table.startSuspended();
  for (const server of [
    acting('safe', seen, true),
    acting('hooked', seen, false),
    acting('plain', seen, false, false),
  ])
    await table.start(server);
  expect(['safe', 'hooked', 'plain'].map((name) => table.leavesOut(name))).toEqual([
    'nothing',
    'resumed',
    'timers',
  ]);
  await table.resume();
  await expect.poll(() => seen).toEqual(['safe resumed', 'safe tick']);
  for (const name of ['safe', 'hooked', 'plain']) await table.ping(name, 1_000);
  expect(await table.call('plain', ['ask'])).toBe('answered');
  await expect(table.call('hooked', ['ask'], 20)).rejects.toMatchObject({
    reason: '{timeout, hooked}',
  });
  // One that its supervisor starts anew is not let loose either.
  await table.stop('plain');
  await table.start(acting('plain', seen, false, false));
  await table.start(acting('later', seen, true, false));
  await expect.poll(() => seen).toContain('later tick');
  expect(seen).toEqual(['safe resumed', 'safe tick', 'later tick']);
});
