/** The demo must be able to fail: each broken promise of a node has to show in its verdict. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type DemoClient, newSeen } from '../../bench/demo/clients/client.ts';
import { Ledger } from '../../bench/demo/ledger.ts';
import { Load } from '../../bench/demo/load.ts';
import { report } from '../../bench/demo/report.ts';
import type { Act } from '../../bench/demo/scenario.ts';
import { conditions, type Outcome } from '../../bench/demo/verdict.ts';

type Answer = (
  tool: string,
  args: Record<string, unknown>,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

function client(answer: Answer): DemoClient {
  const seen = { ...newSeen(), streamsOpened: 1 };
  return { name: 'fake', seen, call: async (tool, args) => answer(tool, args), close: async () => {} };
}

const act = (version: string, pid: number, exitCode = 0): Act => ({
  title: 'act',
  command: 'scripts/x.sh',
  exitCode,
  phases: [{ name: 'pre_flight_checks', state: 'done', time: '12 ms' }],
  started: 0,
  ended: 1000,
  answers: [{ version, pid }],
  untold: [],
});

const good = (): Outcome => ({
  clients: Array.from({ length: 24 }, () => client(() => ({}))),
  first: [{ version: '2.1.0', pid: 1 }],
  acts: [act('3.0.0', 2), act('3.0.0', 2, 1), act('2.1.0', 3)],
  sent: 1000,
  callsPerSecond: 240,
  samples: [{ due: 10, ms: 4 }],
  failures: [],
  notesWritten: 300,
  notesFound: 300,
  counter: { increments: 200, repeated: 0, skipped: 0 },
  upgradeLog: '[ERROR] Upgrade failed at phase: transform_state\n',
  ownPauseMs: 1,
});

const broken = (outcome: Outcome): string[] =>
  conditions(outcome)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

describe('verdict of the demo', () => {
  it('is good when nothing was lost', () => {
    expect(broken(good())).toEqual([]);
    expect(report(good(), conditions(good()))).not.toContain('FAIL');
  });

  it.each<[string, (outcome: Outcome) => void]>([
    [
      'no request failed',
      (o) => Object.assign(o, { failures: [{ client: 'a', tool: 'whoami', error: 'x' }] }),
    ],
    ['no session lost', (o) => Object.assign(o.clients[0]!.seen, { lost: '404' })],
    ['no stream dropped', (o) => Object.assign(o.clients[0]!.seen, { streamsDropped: 1 })],
    ['at least 20 clients with an open stream', (o) => Object.assign(o, { clients: o.clients.slice(0, 19) })],
    ['at least 200 calls/s', (o) => Object.assign(o, { callsPerSecond: 199 })],
    ['every note is there', (o) => Object.assign(o, { notesFound: 299 })],
    ['the counter never repeated or skipped', (o) => Object.assign(o.counter, { repeated: 1 })],
    ['the counter never repeated or skipped', (o) => Object.assign(o.counter, { skipped: 1 })],
    ['scripts/upgrade.sh 3.0.0 succeeded', (o) => Object.assign(o.acts[0]!, { exitCode: 1 })],
    [
      'then whoami said 2.1.0 from a new pid',
      (o) => Object.assign(o.acts[2]!, { answers: [{ version: '2.1.0', pid: 2 }] }),
    ],
    ['3.0.1 failed in transform_state', (o) => Object.assign(o.acts[1]!, { exitCode: 0 })],
    [
      '3.0.1 failed in transform_state',
      (o) => Object.assign(o, { upgradeLog: '[ERROR] Upgrade failed at phase: load_modules' }),
    ],
    ['and 3.0.0 served on', (o) => Object.assign(o.acts[1]!, { answers: [{ version: '3.0.0', pid: 4 }] })],
    ['scripts/downgrade.sh 2.1.0 succeeded', (o) => Object.assign(o.acts[2]!, { exitCode: 124 })],
    ['each client was told list_changed, both times', (o) => Object.assign(o.acts[0]!, { untold: ['fake'] })],
  ])('is bad unless %s', (name, spoil) => {
    const outcome = good();
    spoil(outcome);
    expect(broken(outcome)).toEqual([name]);
    expect(report(outcome, conditions(outcome))).toContain(`FAIL  ${name}`);
  });
});

describe('load of the demo', () => {
  it('charges a stall from the scheduled time, and counts a failure without sending it again', async () => {
    let release: (() => void) | undefined;
    const stalled = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked: string[] = [];
    const answer: Answer = async (tool) => {
      asked.push(tool);
      if (tool === 'note_add') throw new Error('disk full');
      await stalled;
      return { count: asked.length, version: '2.1.0', notes: [] };
    };
    const load = new Load([client(answer)], new Ledger(), 200);
    load.start();
    for (const deadline = Date.now() + 10_000; asked.length < 20 && Date.now() < deadline; ) await sleep(5);
    release?.();
    await load.drain();
    expect(load.sent).toBe(asked.length);
    // Without a note there is nothing to get, so `note_get` falls back to adding one.
    expect(load.failures).toHaveLength(asked.filter((tool) => tool === 'note_add').length);
    expect(load.samples).toHaveLength(load.sent - load.failures.length);
    expect(Math.max(...load.samples.map(({ ms }) => ms))).toBeGreaterThan(50);
  });
});

describe('ledger of the demo', () => {
  it('finds counts that came twice or never', () => {
    const ledger = new Ledger();
    for (const count of [1, 2, 2, 5]) ledger.counted(count);
    expect(ledger.counterFaults()).toEqual({ increments: 4, repeated: 1, skipped: 2 });
  });

  it('counts a note as found only with its text', async () => {
    const ledger = new Ledger();
    for (const id of ['a', 'b', 'c']) ledger.noteAdded(id, `text of ${id}`);
    const reader = client((_tool, { id }) => {
      if (id === 'a') throw new Error('no such note');
      return { text: id === 'b' ? 'text of b' : 'other' };
    });
    expect(ledger.notesWritten).toBe(3);
    expect(await ledger.notesFound([reader])).toBe(1);
  });

  it('refuses an id that was given out twice', () => {
    const ledger = new Ledger();
    ledger.noteAdded('a', 'one');
    expect(() => ledger.noteAdded('a', 'two')).toThrow('given out twice');
  });
});
