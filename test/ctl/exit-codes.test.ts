import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { health, transport } from './samples.ts';
import { ctl, fakeNode, fakeNodeProcess, temporaryFolder } from './support.ts';

test.each([
  ['healthy', 0],
  ['unhealthy', 1],
  ['degraded', 2],
] as const)('health: %s exits %i', async (status, code) => {
  const home = await fakeNode({ health: () => ({ ...health, status }) });
  expect((await ctl(home, ['health'])).code).toBe(code);
});

test.each([
  ['an unknown command, with the nearest one', ['helth'], 'Did you mean health?'],
  ['no command', [], 'Usage: erlmcpctl'],
  ['an unknown option, with the nearest one', ['status', '--jsn'], 'Did you mean --json?'],
  ['a missing argument', ['restart'], "missing required argument 'name'"],
  ['an argument too many', ['status', 'now'], 'too many arguments'],
  ['an unknown kind', ['restart', 'http', '--kind', 'ftp'], 'Allowed choices are transport, process'],
  ['an upgrade to nothing', ['upgrade'], 'version to upgrade to is missing'],
  ['a version that is a path', ['upgrade', '../3.0.0'], 'not a version'],
  ['a timeout that is no number', ['upgrade', '3.0.0', '--timeout=soon'], 'not a whole number'],
  ['a timeout of nothing', ['downgrade', '2.1.0', '--timeout=0'], 'not a whole number'],
  ['modes that exclude each other', ['upgrade', '3.0.0', '--dry-run', '--verify-only'], 'exclude each other'],
  ['a plan that is none', ['upgrade', '3.0.0', '--plan=newest'], 'no plan of a dry run'],
  [
    'a plan for a dry run',
    ['upgrade', '3.0.0', '--dry-run', '--plan=0f3a9c51b7e2'],
    '--plan and --dry-run exclude each other',
  ],
  ['--accept with a version', ['upgrade', '3.0.0', '--accept'], 'stands alone'],
  ['--status with --force', ['upgrade', '--status', '--force'], 'stands alone'],
  ['a downgrade to nothing', ['downgrade'], "missing required argument 'version'"],
])('64: %s', async (_, args, expected) => {
  const { code, stdout, stderr } = await ctl('/nowhere', args);
  expect(code).toBe(64);
  expect(stdout).toBe('');
  expect(stderr).toContain(expected);
  if (args.length > 0) expect(stderr).toMatch(/^erlmcpctl: [^\n]*--help\n$/);
});

test('69: a node that is down, in one line with the home, the socket and the next step', async () => {
  const home = await temporaryFolder();
  const { code, stdout, stderr } = await ctl(home, ['status']);
  expect([code, stdout]).toEqual([69, '']);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain(`{node_not_reachable, "${home}"}`);
  expect(stderr).toContain(join(home, 'run', 'erlmcp.sock'));
  expect(stderr).toContain('erlmcp start');
});

test('69: a node that left its socket behind', async () => {
  const home = await temporaryFolder();
  const node = await fakeNodeProcess(home);
  node.kill('SIGKILL');
  await once(node, 'exit');
  const { code, stderr } = await ctl(home, ['status']);
  expect([code, stderr]).toEqual([69, expect.stringContaining('nobody listens there')]);
});

test('with --json an error is an object too', async () => {
  const home = await temporaryFolder();
  const { code, stdout } = await ctl(home, ['status', '--json']);
  expect(code).toBe(69);
  expect(JSON.parse(stdout).error).toMatchObject({ term: `{node_not_reachable, "${home}"}`, exit_code: 69 });
});

test('124: a node that is stopped does not answer within 5 s', async () => {
  const home = await temporaryFolder();
  const node = await fakeNodeProcess(home);
  node.kill('SIGSTOP');
  const { code, stderr } = await ctl(home, ['health']);
  expect([code, stderr]).toEqual([124, expect.stringMatching(/did not answer within \d(\.\d)? s/)]);
});

test('124: a node that hangs up before it answers', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'run'));
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  server.listen(join(home, 'run', 'erlmcp.sock'));
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { code, stderr } = await ctl(home, ['restart', 'http']);
  expect([code, stderr]).toEqual([124, expect.stringContaining('{connection_lost, "control"}')]);
});

test('what answers without being a node is no reason for a stack trace', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'run'));
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  server.listen(join(home, 'run', 'erlmcp.sock'));
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { code, stderr } = await ctl(home, ['status']);
  expect(code).toBe(124);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test("the node's refusal: its term, its next step, its exit code", async () => {
  const home = await fakeNode({
    restart: () => {
      throw new OperatorError(tuple('port_in_use', 8080), 'The port is taken.', 'Free it.', { exitCode: 2 });
    },
  });
  const { code, stderr } = await ctl(home, ['restart', 'http']);
  expect([code, stderr]).toEqual([2, 'erlmcpctl: {port_in_use, 8080}: The port is taken. Free it.\n']);
});

test('70: an error that says so prints emergency', async () => {
  const home = await fakeNode({
    downgrade: () => {
      throw new OperatorError(tuple('nothing_serves', '2.1.0'), 'Nothing serves.', 'Call.', { exitCode: 70 });
    },
  });
  const { code, stderr } = await ctl(home, ['downgrade', '2.1.0']);
  expect(code).toBe(70);
  expect(stderr).toMatch(/^emergency\n/);
});

test('a pipe that is closed early leaves no trace, and the true exit code', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({
    name: `process_${n}`,
    kind: 'process' as const,
    where: 'host',
    pid: n + 1,
    since: transport.since,
  }));
  const home = await fakeNode({ registry: () => many });
  const { code, stderr } = await ctl(home, ['registry'], {
    onStart: ({ stdout }) => stdout!.once('data', () => stdout!.destroy()),
  });
  expect([code, stderr]).toEqual([0, '']);
});

test('a caller in the middle of a command does not disturb another', async () => {
  const home = await fakeNode();
  const silent = connect(join(home, 'run', 'erlmcp.sock'));
  onTestFinished(() => void silent.destroy());
  await once(silent, 'connect');
  silent.write('{"jsonrpc":"2.0",');
  expect((await ctl(home, ['version'])).code).toBe(0);
});
