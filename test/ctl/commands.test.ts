import { expect, test } from 'vitest';
import { METHODS, type MethodName } from '../../src/control/index.ts';
import { upgradeStatus } from './samples.ts';
import { ctl, fakeNode } from './support.ts';

const ESCAPE = '\u001b';

const QUERIES: readonly (readonly [MethodName, readonly string[]])[] = [
  ['status', ['status']],
  ['health', ['health']],
  ['version', ['version']],
  ['uptime', ['uptime']],
  ['metrics', ['metrics']],
  ['transports', ['transports']],
  ['restart', ['restart', 'http']],
  ['registry', ['registry']],
  ['accept', ['upgrade', '--accept']],
  ['get_upgrade_status', ['upgrade', '--status']],
];

test.each(QUERIES)('%s --json prints the result as its schema has it', async (method, args) => {
  const home = await fakeNode();
  const { code, stdout, stderr } = await ctl(home, [...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  expect(METHODS[method].result.safeParse(JSON.parse(stdout)).error).toBeUndefined();
});

test.each([
  ['status', ['status'], ['release    2.1.0', '59 min 58 s left', 'sleep', '4.2 s', 'Wait for']],
  ['health', ['health'], ['healthy, score 100 of 100', 'CHECK', 'memory', '90']],
  ['version', ['version'], ['release  2.1.0', 'node     24.21.0', 'wire     1']],
  ['uptime', ['uptime'], ['up 2 h 03 min', 'pid 4710']],
  ['metrics', ['metrics'], ['Investigate, consider rollback', 'note_add', '+20 %', '-4 %', '50/s', '10.8']],
  ['transports', ['transports'], ['http', '127.0.0.1:8080', 'stdio', 'failed']],
  ['restart', ['restart', 'stdio'], ['stdio is open', '20 sessions kept']],
  ['registry', ['registry'], ['counter', 'process', 'runner 2.1.0', '<1.5>']],
  ['accept', ['upgrade', '--accept'], ['3.0.0 is accepted', '59 min 00 s']],
  ['status of the upgrade', ['upgrade', '--status'], ['idle']],
])('%s for people, without colour or rules off a terminal', async (_, args, expected) => {
  const home = await fakeNode();
  const { code, stdout } = await ctl(home, args);
  expect(code).toBe(0);
  for (const text of expected) expect(stdout).toContain(text);
  expect(stdout).not.toMatch(/[─│┌]|[ \t]\n/);
  expect(stdout).not.toContain(ESCAPE);
});

test('a status shows an upgrade that runs', async () => {
  const home = await fakeNode({
    get_upgrade_status: () => ({
      ...upgradeStatus,
      status: 'upgrading',
      target_version: '3.0.0',
      phases_completed: [{ phase: 'pre_flight_checks', ms: 120 }],
    }),
  });
  const { code, stdout } = await ctl(home, ['upgrade', '--status']);
  expect([code, stdout]).toEqual([0, 'upgrading, 2.1.0 to 3.0.0, 1 of 8 phases done\n']);
});

test('the home is --home, or else ERLMCP_HOME, or else the current folder', async () => {
  const home = await fakeNode();
  const wrong = '/nowhere';
  const results = await Promise.all([
    ctl(wrong, ['version', '--home', home]),
    ctl(wrong, [`--home=${home}`, 'version']),
    ctl('', ['version'], { cwd: home }),
  ]);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test('every command has --help, which names --json and --home', async () => {
  const { stdout } = await ctl('/nowhere', ['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z_]+)(?= |$)/gm)].map(([, name]) => name!);
  expect(names).toContain('downgrade');
  for (const name of names.filter((candidate) => candidate !== 'help')) {
    const help = await ctl('/nowhere', [name, '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`Usage: erlmcpctl ${name}`);
    expect(help.stdout).toContain('--json');
    expect(help.stdout).toContain('--home');
  }
});
