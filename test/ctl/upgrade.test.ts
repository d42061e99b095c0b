import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ControlHandlers } from '../../src/admin/control-handlers.ts';
import type { ControlServer } from '../../src/admin/control-server.ts';
import { OperationFeed } from '../../src/admin/operation-feed.ts';
import { METHODS, type NotificationOf, type ParamsOf, type ResultOf } from '../../src/control/index.ts';
import { UPGRADE_PHASES } from '../../src/control/phases.ts';
import { RemoteError } from '../../src/ctl/failure.ts';
import { followOperation } from '../../src/ctl/upgrade/follow.ts';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { cites } from '../requirements.ts';
import { result, start, status, upgradeStatus, watch } from './samples.ts';
import { ctl, fakeNode, fakeNodeAt, fakeNodeProcess, ROOT, runProgram, temporaryFolder } from './support.ts';

type Event = NotificationOf<'upgrade_event'>;
type Outcome = Partial<ResultOf<'upgrade_follow'>>;

const step = (phase: Event['phase'], state: Event['state'], more: Partial<Event> = {}): Event => ({
  operation: 'op-1',
  phase,
  state,
  completed: 0,
  total: 8,
  ...more,
});

/** An upgrade that tells `events` and ends with `outcome`. */
const ending = (events: readonly Event[], outcome: Outcome): Partial<ControlHandlers> => ({
  upgrade_follow: (_, { notify }) => {
    for (const event of events) notify('upgrade_event', event);
    return { ...result, ...outcome };
  },
});

const good = UPGRADE_PHASES.flatMap((phase) => [step(phase, 'started'), step(phase, 'done', { ms: 120 })]);

const failure = {
  term: '{transformation_failed, counter}',
  message: 'The lens throws.',
  remedy: 'Mend it.',
  exit_code: 1,
};

test('0: the phases as plain lines, the end, the watch', async () => {
  const home = await fakeNode(ending(good, {}));
  const { code, stdout, stderr } = await ctl(home, ['upgrade', '3.0.0']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').slice(0, 11)).toEqual([
    'Upgrade from 2.1.0 to 3.0.0',
    ...UPGRADE_PHASES.map((phase) => `${phase} ... done 120 ms`),
    'Upgrade from 2.1.0 to 3.0.0 completed: 1 phase in 1.2 s.',
    'Watch: 1 h 00 min left (not enough data).',
  ]);
  expect(stdout).toContain('erlmcpctl upgrade --accept');
});

test('the options arrive as params', async () => {
  const seen: unknown[] = [];
  const home = await fakeNode({
    upgrade: (params: ParamsOf<'upgrade'>) => {
      seen.push(params);
      return start;
    },
    downgrade: (params) => {
      seen.push(params);
      return start;
    },
  });
  await ctl(home, ['upgrade', '3.0.0']);
  await ctl(home, ['upgrade', '3.0.0', '--dry-run', '--force', '--timeout=7']);
  await ctl(home, ['upgrade', '3.0.0', '--verify-only']);
  await ctl(home, ['upgrade', '3.0.0', '--allow-breaking']);
  await ctl(home, ['downgrade', '2.1.0', '--force', '--timeout=9']);
  const by = expect.stringMatching(/^.+@.+$/);
  expect(seen).toEqual([
    { by, version: '3.0.0', dry_run: false, force: false, verify_only: false },
    { by, version: '3.0.0', dry_run: true, force: true, verify_only: false, timeout_s: 7 },
    { by, version: '3.0.0', dry_run: false, force: false, verify_only: true },
    { by, version: '3.0.0', dry_run: false, force: false, verify_only: false, allow_breaking: true },
    { by, version: '2.1.0', force: true, timeout_s: 9 },
  ]);
});

test('1: rolled back by itself, with the phase, the reason and the way back shown', async () => {
  const home = await fakeNode(
    ending(
      [
        step('transform_state', 'started'),
        step('transform_state', 'failed', { ms: 3, message: 'lens' }),
        step('rollback', 'started'),
        step('rollback', 'done', { ms: 12 }),
      ],
      { outcome: 'rolled_back', current_version: '2.1.0', failed_phase: 'transform_state', error: failure },
    ),
  );
  const { code, stdout, stderr } = await ctl(home, ['upgrade', '3.0.0']);
  expect(code).toBe(1);
  expect(stdout).toContain('transform_state ... failed 3 ms (lens)\nrollback ... done 12 ms\n');
  expect(stdout).toContain('failed at phase transform_state and was rolled back, 2.1.0 serves.');
  expect(stderr).toBe('erlmcpctl: {transformation_failed, counter}: The lens throws. Mend it.\n');
});

test.each([
  ['failed', 1, 'nothing was changed'],
  ['aborted', 1, 'was aborted'],
] as const)('an upgrade that %s exits %i', async (outcome, code, text) => {
  const home = await fakeNode(ending([], { outcome, current_version: '2.1.0' }));
  const finished = await ctl(home, ['upgrade', '3.0.0']);
  expect([finished.code, finished.stdout]).toEqual([code, expect.stringContaining(text)]);
});

test('1: refused before it began', async () => {
  const home = await fakeNode({
    upgrade: () => {
      throw new OperatorError(tuple('no_upgrade_path', '2.0.0', '3.0.0'), 'There is none.', 'Build one.');
    },
  });
  const { code, stderr } = await ctl(home, ['upgrade', '3.0.0']);
  expect([code, stderr]).toEqual([
    1,
    'erlmcpctl: {no_upgrade_path, "2.0.0", "3.0.0"}: There is none. Build one.\n',
  ]);
});

test('70: neither version serves: emergency, the backups and the contacts', async () => {
  const emergency = {
    backups: ['/srv/erlmcp/backups/7'],
    contacts: [{ role: 'On-Call (Primary)', contact: '+1-555-0101' }],
  };
  const home = await fakeNode(ending([], { outcome: 'emergency', error: failure, emergency }));
  const { code, stdout, stderr } = await ctl(home, ['upgrade', '3.0.0']);
  expect(code, cites('decision.rollback_no')).toBe(70);
  expect(stderr).toContain(
    'emergency\nBackups:\n  /srv/erlmcp/backups/7\nContacts:\n  On-Call (Primary): +1-555-0101',
  );
  expect(stdout).toContain('neither 2.1.0 nor 3.0.0 serves');
});

test('0: the version that runs already is said, and nothing is followed', async () => {
  const home = await fakeNode({
    upgrade: () => ({ ...start, state: 'unchanged', target_version: '2.1.0' }),
    status: () => ({ ...status, watch }),
    upgrade_follow: () => {
      throw new Error('nothing to follow');
    },
  });
  const { code, stdout } = await ctl(home, ['upgrade', '2.1.0']);
  expect([code, stdout]).toEqual([0, '2.1.0 runs already: nothing to do.\n']);
  const json = await ctl(home, ['upgrade', '2.1.0', '--json']);
  expect(METHODS.upgrade_follow.result.parse(JSON.parse(json.stdout)).outcome).toBe('unchanged');
});

test('--json prints the result alone, as its schema has it, also when it failed', async () => {
  const home = await fakeNode(ending(good, { outcome: 'rolled_back', error: failure }));
  const { code, stdout } = await ctl(home, ['upgrade', '3.0.0', '--json']);
  expect(code).toBe(1);
  expect(METHODS.upgrade_follow.result.parse(JSON.parse(stdout)).outcome).toBe('rolled_back');
});

test('a dry run shows what it found', async () => {
  const home = await fakeNode({
    upgrade: () => ({ ...start, kind: 'dry_run' }),
    ...ending([step('pre_flight_checks', 'started'), step('pre_flight_checks', 'done', { ms: 5 })], {
      kind: 'dry_run',
      findings: [{ name: 'disk_space', status: 'passed', value: '20 GB', limit: '100 MB' }],
    }),
  });
  const { code, stdout } = await ctl(home, ['upgrade', '3.0.0', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/disk_space +passed +20 GB +100 MB/);
  expect(stdout).not.toContain('Plan:');
});

test('a dry run that passes shows its plan and how to carry it out, and an upgrade can be held to it', async () => {
  const seen: unknown[] = [];
  const home = await fakeNode({
    upgrade: (params) => {
      seen.push(params);
      return { ...start, kind: 'dry_run' };
    },
    ...ending([step('pre_flight_checks', 'done', { ms: 5 }), step('rehearsal', 'done', { ms: 7 })], {
      kind: 'dry_run',
      plan: '0f3a9c51b7e2',
    }),
  });
  const { stdout } = await ctl(home, ['upgrade', '3.0.0', '--dry-run']);
  expect(stdout).toMatch(/^rehearsal \.\.\. done 7 ms$/m);
  expect(stdout).toMatch(/^Plan: 0f3a9c51b7e2\n.*scripts\/upgrade\.sh 3\.0\.0 --plan=0f3a9c51b7e2$/m);
  await ctl(home, ['upgrade', '3.0.0', '--plan=0f3a9c51b7e2']);
  expect(seen).toMatchObject([{ dry_run: true }, { dry_run: false, plan: '0f3a9c51b7e2' }]);
});

test('124: a dry run of which a node that was started again knows nothing, without waiting for its deadline', async () => {
  const home = await fakeNode({
    upgrade: () => ({ ...start, kind: 'dry_run' }),
    upgrade_follow: () => {
      throw new OperatorError(tuple('no_such_operation', 'x'), 'There is none.', 'Look.');
    },
  });
  const { code, stderr } = await ctl(home, ['upgrade', '3.0.0', '--dry-run']);
  expect([code, stderr]).toEqual([124, expect.stringContaining('{outcome_unknown, ')]);
});

test('a downgrade follows as an upgrade does', async () => {
  const home = await fakeNode(
    ending(good, {
      kind: 'downgrade',
      from_version: '3.0.0',
      target_version: '2.1.0',
      current_version: '2.1.0',
    }),
  );
  const { code, stdout } = await ctl(home, ['downgrade', '2.1.0', '--force']);
  expect(code).toBe(0);
  expect(stdout).toContain('Downgrade from 3.0.0 to 2.1.0 completed');
});

test.each([
  ['passed', 0],
  ['accepted', 0],
  ['rolled_back', 1],
] as const)('--wait-watch: a watch that is %s exits %i', async (ended, code) => {
  let asked = 0;
  const home = await fakeNode({
    ...ending([], {}),
    status: () => {
      asked += 1;
      const over = { active: false, remaining_s: 0, verdict: 'monitor', ended } as const;
      return { ...status, watch: asked < 3 ? status.watch : over };
    },
  });
  const finished = await ctl(home, ['upgrade', '3.0.0', '--wait-watch']);
  expect([finished.code, finished.stdout]).toEqual([
    code,
    expect.stringContaining('watch: 59 min 58 s left'),
  ]);
  expect(asked).toBe(3);
});

test('Ctrl-C leaves the upgrade running and says how to follow it', async () => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  feed.tell(step('pre_flight_checks', 'started'));
  const home = await fakeNode({
    upgrade_follow: ({ operation }, context) => feed.follow(operation, context),
  });
  const { code, stderr } = await ctl(home, ['upgrade', '3.0.0'], {
    onStart: (child) =>
      child.stdout!.on('data', (text: string) => {
        if (text.includes('pre_flight_checks')) child.kill('SIGINT');
      }),
  });
  expect(code).toBe(130);
  expect(stderr).toContain('Follow it with: erlmcpctl upgrade --status');
  feed.tell(step('pre_flight_checks', 'done'));
  feed.end(result);
});

test('a pipe that is closed during the upgrade leaves its exit code true', async () => {
  const gate = Promise.withResolvers<void>();
  const home = await fakeNode({
    upgrade_follow: async (_, { notify }) => {
      await gate.promise;
      for (const event of good) notify('upgrade_event', event);
      return { ...result, outcome: 'rolled_back', error: failure };
    },
  });
  const { code, stderr } = await ctl(home, ['upgrade', '3.0.0'], {
    onStart: ({ stdout }) =>
      stdout!.once('data', () => {
        stdout!.destroy();
        gate.resolve();
      }),
  });
  expect(code).toBe(1);
  expect(stderr).not.toContain('EPIPE');
});

/** A node whose control server can be closed and opened while an operation runs. */
async function restartable(feed: OperationFeed) {
  const home = await temporaryFolder();
  const handlers: Partial<ControlHandlers> = {
    upgrade_follow: ({ operation }, context) => feed.follow(operation, context),
  };
  const open = (more: Partial<ControlHandlers> = {}): Promise<ControlServer> =>
    fakeNodeAt(home, { ...handlers, ...more });
  return { home, open };
}

test('a connection that breaks is made again: every step is shown once, and the true end', async () => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  feed.tell(good[0]!);
  const { home, open } = await restartable(feed);
  const server = await open();
  const running = ctl(home, ['upgrade', '3.0.0'], {
    onStart: ({ stdout }) =>
      stdout!.once('data', async () => {
        await server.close();
        for (const event of good.slice(1)) feed.tell(event);
        await open();
        feed.end(result);
      }),
  });
  const { code, stdout } = await running;
  expect(code).toBe(0);
  expect(stdout).toContain('connection to the node is lost; connecting again');
  for (const phase of UPGRADE_PHASES) expect(stdout.split(`${phase} ... done`)).toHaveLength(2);
});

test.each([
  ['after', '3.0.0', 'completed'],
  ['before', '2.1.0', 'rolled_back'],
] as const)('a node that was started again %s the commit point', async (_, current_version, outcome) => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  const { home, open } = await restartable(feed);
  const first = await open();
  const followed = followOperation({
    home,
    start,
    signal: new AbortController().signal,
    onEvent: async () => {
      await first.close();
      const upgrade = { ...upgradeStatus, current_version };
      await open({
        status: () => ({ ...status, upgrade }),
        upgrade_follow: ({ operation }, context) => new OperationFeed().follow(operation, context),
      });
    },
    onNotice: () => {},
  });
  feed.tell(step('migrate_data', 'started'));
  expect(await followed).toMatchObject({ outcome, current_version });
});

const patience = { pingMs: 20, silenceMs: 300, retryMs: 10, graceMs: 100 };

test('124: a node that gives no sign of life during an upgrade', async () => {
  const home = await temporaryFolder();
  const feed = new OperationFeed();
  feed.begin('op-1');
  const node = await fakeNodeProcess(home);
  node.kill('SIGSTOP');
  const followed = followOperation({
    home,
    start,
    signal: new AbortController().signal,
    onEvent: () => {},
    onNotice: () => {},
    timing: patience,
  });
  await expect(followed).rejects.toMatchObject({ exitCode: 124, reason: '{outcome_unknown, "operation"}' });
});

test('124: an operation past its own deadline, on a node that lives', async () => {
  const feed = new OperationFeed();
  feed.begin('op-1');
  const home = await fakeNode({
    upgrade_follow: ({ operation }, context) => feed.follow(operation, context),
  });
  const followed = followOperation({
    home,
    start: { ...start, deadline_s: 1 },
    signal: new AbortController().signal,
    onEvent: () => {},
    onNotice: () => {},
    timing: patience,
  });
  await expect(followed).rejects.toMatchObject({ exitCode: 124 });
});

test('an error of the node while it is followed is passed on at once', async () => {
  const home = await fakeNode({
    upgrade_follow: () => {
      throw new OperatorError(tuple('broken', 'feed'), 'It is broken.', 'Look.');
    },
  });
  const followed = followOperation({
    home,
    start,
    signal: new AbortController().signal,
    onEvent: () => {},
    onNotice: () => {},
  });
  await expect(followed).rejects.toBeInstanceOf(RemoteError);
});

test.each([
  [
    'upgrade.sh',
    ['3.0.0', '--dry-run', '--force', '--timeout=8', '--why=a new index'],
    { why: 'a new index', version: '3.0.0', dry_run: true, force: true, verify_only: false, timeout_s: 8 },
  ],
  [
    'upgrade.sh',
    ['--verify-only', '3.0.0'],
    { version: '3.0.0', dry_run: false, force: false, verify_only: true },
  ],
  ['downgrade.sh', ['2.1.0', '--force', '--timeout=8'], { version: '2.1.0', force: true, timeout_s: 8 }],
] as const)('scripts/%s passes %j on', async (script, args, params) => {
  const seen: unknown[] = [];
  const see = (given: unknown) => {
    seen.push(given);
    return start;
  };
  const home = await fakeNode({ upgrade: see, downgrade: see });
  const { code } = await runProgram(join(ROOT, 'scripts', script), args, { env: { ERLMCP_HOME: home } });
  expect([code, seen]).toEqual([0, [{ ...params, by: expect.stringMatching(/^.+@.+$/) }]]);
});

test.each([
  ['upgrade.sh', []],
  ['upgrade.sh', ['3.0.0', '3.1.0']],
  ['upgrade.sh', ['3.0.0', '--fast']],
  ['upgrade.sh', ['3.0.0', '--timeout=']],
  ['downgrade.sh', ['--force']],
  ['downgrade.sh', ['2.1.0', '--dry-run']],
])('64: scripts/%s %j', async (script, args) => {
  const { code, stderr } = await runProgram(join(ROOT, 'scripts', script), args);
  expect([code, stderr]).toEqual([64, expect.stringContaining(`usage: ${script} <version>`)]);
});

test("the scripts pass erlmcpctl's exit code on, also when called by a link", async () => {
  const home = await fakeNode(ending([], { outcome: 'rolled_back', error: failure }));
  const folder = await temporaryFolder();
  await symlink(join(ROOT, 'scripts/upgrade.sh'), join(folder, 'up'));
  await symlink('up', join(folder, 'link'));
  const { code } = await runProgram(join(folder, 'link'), ['3.0.0'], { env: { ERLMCP_HOME: home } });
  expect(code).toBe(1);
});
