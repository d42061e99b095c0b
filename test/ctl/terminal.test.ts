import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { NotificationOf } from '../../src/control/index.ts';
import { UPGRADE_PHASES } from '../../src/control/phases.ts';
import { onTerminal } from './on-terminal.ts';
import { health, result, start } from './samples.ts';
import { fakeNode, fakeNodeProcess, temporaryFolder } from './support.ts';

const ESCAPE = '\u001b';
const CTRL_C = '\u0003';

type Event = NotificationOf<'upgrade_event'>;
const step = (phase: Event['phase'], state: Event['state'], more: Partial<Event> = {}): Event => ({
  operation: 'op-1',
  phase,
  state,
  completed: 0,
  total: 8,
  ...more,
});

test('an upgrade is drawn: each phase with its time, then the end', async () => {
  const home = await fakeNode({
    upgrade_follow: async (_, { notify }) => {
      for (const phase of UPGRADE_PHASES) {
        notify('upgrade_event', step(phase, 'started'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        notify('upgrade_event', step(phase, 'done', { ms: 120 }));
      }
      return result;
    },
  });
  const { code, stdout } = await onTerminal(home, 'upgrade 3.0.0');
  expect(code).toBe(0);
  const text = stripVTControlCharacters(stdout);
  for (const phase of UPGRADE_PHASES) expect(text).toContain(`✔ ${phase}  120 ms`);
  expect(text).toContain('Upgrade from 2.1.0 to 3.0.0 completed');
});

test('a failed phase, the phases that it left out, and the way back', async () => {
  const home = await fakeNode({
    upgrade_follow: (_, { notify }) => {
      notify('upgrade_event', step('transform_state', 'started'));
      notify('upgrade_event', step('transform_state', 'failed', { ms: 3, message: '{lens_threw, notes}' }));
      notify('upgrade_event', step('rollback', 'started'));
      notify('upgrade_event', step('rollback', 'done', { ms: 12 }));
      return { ...result, outcome: 'rolled_back', failed_phase: 'transform_state' };
    },
  });
  const { code, stdout } = await onTerminal(home, 'upgrade 3.0.0');
  expect(code).toBe(1);
  const text = stripVTControlCharacters(stdout);
  expect(text).toContain('✖ transform_state  3 ms');
  expect(text).toContain('{lens_threw, notes}');
  expect(text).toContain('⚠ post_flight_checks');
  expect(text).toContain('✔ rollback  12 ms');
});

test('Ctrl-C on a terminal leaves the upgrade running and shows the cursor again', async () => {
  const home = await fakeNode({
    upgrade_follow: async (_, { notify, signal }) => {
      notify('upgrade_event', step('pre_flight_checks', 'started'));
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return result;
    },
  });
  const { code, stdout } = await onTerminal(home, 'upgrade 3.0.0', { type: [[/pre_flight_checks/, CTRL_C]] });
  expect(code).toBe(130);
  expect(stdout).toContain('Follow it with: erlmcpctl upgrade --status');
  expect(stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESCAPE}[?25l`));
});

test('upgrade --status follows an upgrade that runs', async () => {
  const home = await fakeNode({
    get_upgrade_status: () => ({
      status: 'upgrading',
      current_version: '2.1.0',
      target_version: '3.0.0',
      phases_completed: [],
      phases_total: 8,
      start_time: null,
      error_reason: null,
    }),
    upgrade_follow: ({ operation }, { notify }) => {
      notify('upgrade_event', step('backup_state', 'done', { ms: 7 }));
      return {
        ...result,
        error: operation === undefined ? null : { ...start, term: '', message: '', remedy: '', exit_code: 1 },
      };
    },
  });
  const { code, stdout } = await onTerminal(home, 'upgrade --status');
  expect(code).toBe(0);
  const text = stripVTControlCharacters(stdout);
  expect(text).toContain('upgrading, 2.1.0 to 3.0.0, 0 of 8 phases done');
  expect(text).toContain('✔ backup_state  7 ms');
  expect(text).toContain('completed');
});

test('colours on a terminal, none under NO_COLOR, and nothing drawn there either', async () => {
  const home = await fakeNode({ health: () => ({ ...health, status: 'degraded' }) });
  const coloured = await onTerminal(home, 'health');
  expect([coloured.code, coloured.stdout]).toEqual([2, expect.stringContaining(`${ESCAPE}[33mdegraded`)]);
  for (const args of ['health', 'upgrade 3.0.0']) {
    const plain = await onTerminal(home, args, { env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain(ESCAPE);
  }
});

test('stop asks on a terminal: no, and Ctrl-C, stop nothing', async () => {
  let stops = 0;
  const home = await fakeNode({
    stop: () => {
      stops += 1;
      return { pid: process.pid, deadline_s: 0 };
    },
  });
  for (const answer of ['\r', 'n\r', CTRL_C]) {
    const { code, stdout } = await onTerminal(home, 'stop', { type: [[/\[y\/N\]/, answer]] });
    expect(code).toBe(1);
    expect(stdout).toMatch(/inspector.*Stop the node\?/s);
    expect(stdout).toContain('Not stopped.');
  }
  expect(stops).toBe(0);
});

test('stop asks on a terminal: yes stops', async () => {
  const home = await temporaryFolder();
  const node = await fakeNodeProcess(home);
  const exited = once(node, 'exit');
  const { code, stdout } = await onTerminal(home, 'stop', { type: [[/\[y\/N\]/, 'y\r']] });
  expect([code, stdout]).toEqual([0, expect.stringContaining('has stopped')]);
  await exited;
});
