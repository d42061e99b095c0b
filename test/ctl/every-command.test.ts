/** What goes wrong around a command goes wrong in the same way for each of them. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/ctl/commands/index.ts';
import { ARGUMENTS, ERLMCPCTL, fakeNode, fakeNodeProcess, runProgram, temporaryFolder } from './support.ts';

/** Those that do without the node; `contacts` when it has to. */
const WITHOUT_NODE: Readonly<Record<string, number>> = { completion: 0, logs: 0, contacts: 0 };
/** Those that have nothing to say where nobody types. */
const SILENT: readonly string[] = ['remote_console'];
/** The fake node says that it stops, and its process is there on. */
const STOP_IN_VAIN = { stop: 124 };
const AT_ONCE = 4;

const linesOf = (name: string): string[] => [name, ...(ARGUMENTS[name] ?? [])];
const NAMES = COMMANDS.map(({ name }) => name);

async function withLogs(home: string): Promise<string> {
  await mkdir(join(home, 'log'), { recursive: true });
  const line = '2026-03-01T10:00:00.000Z [INFO] Node is starting component=host\n';
  await writeFile(join(home, 'log/erlmcp.log'), line.repeat(5000));
  return home;
}

interface Ended {
  name: string;
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Ends each command by its own doing: a test's process that has to be killed has no exit code. */
async function everyCommand(home: string, shell: (words: string) => string): Promise<Ended[]> {
  const ended: Ended[] = [];
  const rest = [...NAMES];
  const worker = async (): Promise<void> => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const words = linesOf(name)
        .map((word) => `'${word}'`)
        .join(' ');
      const command = shell(`'${ERLMCPCTL}' ${words}`);
      const result = await runProgram('bash', ['-c', command], { env: { ERLMCP_HOME: home } });
      ended.push({ name, ...result });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ended;
}

const codes = (ended: readonly Ended[]): Record<string, number | null> =>
  Object.fromEntries(ended.map(({ name, code }) => [name, code]));
const all = (code: number): Record<string, number> => Object.fromEntries(NAMES.map((name) => [name, code]));
const expected = (code: number): Record<string, number> => ({ ...all(code), ...WITHOUT_NODE });

function expectOneLine(ended: readonly Ended[], home: string): void {
  for (const { name, stderr } of ended) {
    if (name === 'logs' || name === 'completion') expect([name, stderr]).toEqual([name, '']);
    else expect([name, stderr]).toEqual([name, expect.stringMatching(/^erlmcpctl: \{[^\n]*\n$/)]);
    if (stderr !== '') expect(stderr).toContain(home);
  }
}

test('69: of a node that is down each says so in one line with the home', async () => {
  const home = await withLogs(await temporaryFolder());
  const ended = await everyCommand(home, (words) => words);
  expect(codes(ended)).toEqual(expected(69));
  expectOneLine(ended, home);
});

test('124: of a node that is stopped none waits for long', async () => {
  const home = await withLogs(await temporaryFolder());
  (await fakeNodeProcess(home)).kill('SIGSTOP');
  const ended = await everyCommand(home, (words) => words);
  expect(codes(ended)).toEqual(expected(124));
  expectOneLine(ended, home);
}, 120_000);

test('124: of a node whose event loop is blocked none waits for long', async () => {
  const home = await withLogs(await temporaryFolder());
  await fakeNodeProcess(home, 'blocked');
  // Until it is: the first answer may still come.
  for (let code: number | null = 0; code !== 124; )
    ({ code } = await runProgram(ERLMCPCTL, ['uptime'], { env: { ERLMCP_HOME: home } }));
  const ended = await everyCommand(home, (words) => words);
  expect(codes(ended)).toEqual(expected(124));
  expectOneLine(ended, home);
}, 120_000);

test.each(['true', 'head -1', 'head -c 1'])(
  'a reader that goes away (%s) leaves no trace',
  async (reader) => {
    const home = await withLogs(await fakeNode());
    const ended = await everyCommand(
      home,
      (words) => `${words} --json | ${reader} >/dev/null; exit \${PIPESTATUS[0]}`,
    );
    for (const { name, stderr } of ended)
      expect([name, stderr]).toEqual([name, expect.not.stringMatching(/^ {4}at |EPIPE|Unhandled/m)]);
    expect(codes(ended)).toEqual({ ...all(0), ...STOP_IN_VAIN });
  },
  120_000,
);

test.runIf(existsSync('/dev/full'))(
  '1: what can not be written is told in one line',
  async () => {
    const home = await withLogs(await fakeNode());
    const ended = await everyCommand(home, (words) => `${words} --json >/dev/full`);
    expect(codes(ended)).toEqual({ ...all(1), ...Object.fromEntries(SILENT.map((name) => [name, 0])) });
    for (const { name, stderr } of ended) {
      const lines = stderr.match(/^erlmcpctl: \{write_failed, "ENOSPC"\}: [^\n]*$/gm) ?? [];
      expect([name, lines.length]).toEqual([name, SILENT.includes(name) ? 0 : 1]);
      expect([name, stderr]).toEqual([name, expect.not.stringMatching(/^ {4}at /m)]);
    }
  },
  120_000,
);

test('64: an option that it does not have, with its own help named', async () => {
  const ended = await everyCommand('/nowhere', (words) => `${words} --sideways`);
  for (const { name, code, stdout, stderr } of ended) {
    expect([name, code, stdout]).toEqual([name, 64, '']);
    expect(stderr).toMatch(
      new RegExp(`^erlmcpctl: [^\\n]*--sideways[^\\n]* See: erlmcpctl ${name} --help\\n$`),
    );
  }
});

const RESTLESS = [
  'upgrade',
  'backup',
  'restore',
  'settle',
  'drain',
  'downgrade',
  'restart',
  'resume_supervisors',
  'stop',
  'logs',
  'completion',
];
const ACTING = [...RESTLESS, 'remote_console', 'eval'];

test('64: what changes something is not repeated; what reads is', async () => {
  for (const { name, load } of COMMANDS) {
    const result = await runProgram(ERLMCPCTL, [name, '--help'], {});
    expect([name, result.stdout.includes('--watch')]).toEqual([name, !ACTING.includes(name)]);
    expect((await load()).command.help, name).not.toBe('');
  }
  for (const name of NAMES.filter((each) => ACTING.includes(each))) {
    const { code, stderr } = await runProgram(ERLMCPCTL, [...linesOf(name), '--watch'], {});
    expect([name, code, stderr]).toEqual([name, 64, expect.stringContaining('--watch')]);
  }
});

test.each([
  ['mnesia-status', 'mnesia_status'],
  ['gen-servers', 'gen_servers'],
  ['genservers', 'gen_servers'],
  ['procesess', 'processes'],
  ['log', 'logs'],
])('64: %s has the nearest command suggested: %s', async (typed, meant) => {
  const { code, stdout, stderr } = await runProgram(ERLMCPCTL, [typed], {});
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toBe(
    `erlmcpctl: unknown command '${typed}' (Did you mean ${meant}?) See: erlmcpctl --help\n`,
  );
});
