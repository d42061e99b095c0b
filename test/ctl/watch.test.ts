import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { onTerminal } from './on-terminal.ts';
import { health } from './samples.ts';
import {
  ctl,
  ERLMCPCTL,
  fakeNode,
  fakeNodeAt,
  fakeNodeProcess,
  type RunOptions,
  runProgram,
  temporaryFolder,
} from './support.ts';

const ESCAPE = '\u001b';
const CTRL_C = '\u0003';

/** Interrupts the command once its output matches. */
const interruptAt = (pattern: RegExp): RunOptions => ({
  onStart: (child) => {
    let seen = '';
    child.stdout!.on('data', (text: string) => {
      seen += text;
      if (pattern.test(seen)) child.kill('SIGINT');
    });
  },
});

const counting = () => {
  let calls = 0;
  const node = fakeNode({
    uptime: () => ({ uptime_s: ++calls, started_at: '2026-03-01T10:00:00.000Z', pid: 1 }),
  });
  return { node, calls: () => calls };
};

/** A socket that stands for a node's, with what is done with each request. */
async function rawNode(onRequest: (socket: Socket, request: { id: number }, calls: number) => void) {
  const home = await temporaryFolder();
  await mkdir(join(home, 'run'));
  let connections = 0;
  let calls = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.on('data', (line) => onRequest(socket, JSON.parse(line.toString()), ++calls));
  });
  server.listen(join(home, 'run', 'erlmcp.sock'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { home, connections: () => connections };
}

describe('off a terminal', () => {
  test('each answer after a line with the time', async () => {
    const home = await counting().node;
    const { code, stdout, stderr } = await ctl(home, ['uptime', '--watch', '0.5'], interruptAt(/up 2 s/));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^--- \d{4}-[\d-]+T[\d:.]+Z\nup 1 s, since [^\n]+\n--- \d{4}-[\d-]+T[\d:.]+Z\nup 2 s, since [^\n]+\n/,
    );
    expect(stdout).not.toContain(ESCAPE);
  });

  test('with --json a document a line', async () => {
    const home = await counting().node;
    const { code, stdout } = await ctl(
      home,
      ['uptime', '--watch=0.5', '--json'],
      interruptAt(/"uptime_s":3/),
    );
    expect(code).toBe(0);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).uptime_s);
    expect(answers.slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('has the exit code of its last answer', async () => {
    const home = await fakeNode({ health: () => ({ ...health, status: 'degraded' }) });
    expect((await ctl(home, ['health', '--watch'], interruptAt(/degraded/))).code).toBe(2);
  });

  test('asks on one connection again and again', async () => {
    const { home, connections } = await rawNode((socket, { id }, calls) => {
      const result = { uptime_s: calls, started_at: '2026-03-01T10:00:00.000Z', pid: 1 };
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
    });
    await ctl(home, ['uptime', '--watch', '0.5'], interruptAt(/up 3 s/));
    expect(connections()).toBe(1);
  });

  test('is interrupted before any answer with 130', async () => {
    let interrupt = (): void => {};
    const { home } = await rawNode(() => interrupt());
    const { code, stdout } = await ctl(home, ['uptime', '--watch'], {
      onStart: (child) => {
        interrupt = () => child.kill('SIGINT');
      },
    });
    expect([code, stdout]).toEqual([130, '']);
  });

  test('ends when nobody reads it any more, however long its pause', async () => {
    const home = await counting().node;
    const command = `'${ERLMCPCTL}' uptime --watch 3600 | head -1 >/dev/null; exit \${PIPESTATUS[0]}`;
    const { code, stderr } = await runProgram('bash', ['-c', command], { env: { ERLMCP_HOME: home } });
    expect([code, stderr]).toEqual([0, '']);
  });

  test.each(['--watch 0.5', '--watch 0.5 --json'])('%s | head -3', async (options) => {
    const home = await counting().node;
    const command = `'${ERLMCPCTL}' uptime ${options} | head -3; exit \${PIPESTATUS[0]}`;
    const { code, stdout, stderr } = await runProgram('bash', ['-c', command], {
      env: { ERLMCP_HOME: home },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('a node that goes away', () => {
  test('and comes back: the error in place of the answer, then answers again', async () => {
    const home = await temporaryFolder();
    const node = await fakeNodeProcess(home);
    let state: 'up' | 'down' | 'again' = 'up';
    const { code, stdout } = await ctl(home, ['uptime', '--watch', '0.5'], {
      onStart: (child) => {
        let seen = '';
        child.stdout!.on('data', async (text: string) => {
          seen += text;
          if (state === 'up' && seen.includes('up 2 h')) {
            state = 'down';
            node.kill('SIGKILL');
          } else if (state === 'down' && seen.includes('{node_not_reachable')) {
            state = 'again';
            seen = '';
            await fakeNodeAt(home, {});
          } else if (state === 'again' && seen.includes('up 2 h')) child.kill('SIGINT');
        });
      },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/up 2 h[\s\S]*\{node_not_reachable[\s\S]*up 2 h/);
  });

  test('and stays away: the exit code says so, and --json has it as an object', async () => {
    const home = await temporaryFolder();
    const plain = await ctl(home, ['status', '--watch'], interruptAt(/node_not_reachable/));
    expect([plain.code, plain.stderr]).toEqual([69, '']);
    const json = await ctl(home, ['status', '--watch', '--json'], interruptAt(/node_not_reachable/));
    expect(json.code).toBe(69);
    expect(JSON.parse(json.stdout.split('\n')[0]!).error).toMatchObject({ exit_code: 69 });
  });

  test('and hangs: no answer in time, and on it goes', async () => {
    const home = await temporaryFolder();
    const node = await fakeNodeProcess(home);
    node.kill('SIGSTOP');
    let woken = false;
    const { code, stdout } = await ctl(home, ['uptime', '--watch', '0.5'], {
      onStart: (child) => {
        child.stdout!.on('data', (text: string) => {
          if (text.includes('{no_answer')) woken = node.kill('SIGCONT');
          if (text.includes('up 2 h')) child.kill('SIGINT');
        });
      },
    });
    expect([woken, code]).toEqual([true, 0]);
    expect(stdout).toMatch(/\{no_answer[\s\S]*up 2 h/);
  });

  test('or refuses: its own term, on the same connection', async () => {
    let calls = 0;
    const home = await fakeNode({
      status: () => {
        calls += 1;
        throw new OperatorError(tuple('not_now', calls), 'Not now.', 'Later.', { exitCode: 2 });
      },
    });
    const { code, stdout } = await ctl(home, ['status', '--watch', '0.5'], interruptAt(/\{not_now, 2\}/));
    expect([code, stdout]).toEqual([
      2,
      expect.stringMatching(/\{not_now, 1\}: Not now\. Later\.[\s\S]*not_now, 2/),
    ]);
  });
});

describe('on a terminal', () => {
  test('each answer is drawn over the last, under a line with what, where and when', async () => {
    const home = await counting().node;
    const { code, stdout } = await onTerminal(home, 'uptime --watch 0.5', { type: [[/up 3 s/, CTRL_C]] });
    expect(code).toBe(0);
    const frames = stdout.split(`${ESCAPE}[H`).slice(1);
    expect(frames.length).toBeGreaterThanOrEqual(3);
    for (const [index, frame] of frames.slice(0, 3).entries()) {
      const lines = stripVTControlCharacters(frame).split('\r\n');
      expect(lines[0]).toMatch(/^Every 0\.5 s: erlmcpctl uptime {3,}\S+ {3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(lines[0]).toContain(home);
      expect(lines[2]).toContain(`up ${index + 1} s`);
      expect(frame).toContain(`${ESCAPE}[J`);
    }
    // What was on the screen before is not wiped away.
    expect(stdout).not.toContain(`${ESCAPE}[2J`);
  });

  test('what does not fit is cut, and the last line says so', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      name: `${'process_'.repeat(20)}${index}`,
      kind: 'process' as const,
      where: 'host',
      pid: 1,
      since: '2026-03-01T10:00:00.000Z',
    }));
    const home = await fakeNode({ registry: () => rows });
    const { stdout } = await onTerminal(home, 'registry --watch', {
      rows: 10,
      type: [[/not shown/, CTRL_C]],
    });
    const lines = stripVTControlCharacters(stdout.split(`${ESCAPE}[H`)[1]!).split('\r\n');
    expect(lines.slice(0, 10).map((line) => line.length <= 90)).toEqual(Array(10).fill(true));
    expect(lines.slice(2, 10)).toEqual([
      expect.stringMatching(/^NAME/),
      ...Array(6).fill(expect.stringMatching(/^process_/)),
      expect.stringMatching(/^\.\.\. 24 lines are not shown/),
    ]);
  });

  test('an error stands in place of the answer', async () => {
    const home = await temporaryFolder();
    const { code, stdout } = await onTerminal(home, 'status --watch', { type: [[/not_reachable/, CTRL_C]] });
    expect(code).toBe(69);
    expect(stripVTControlCharacters(stdout.split(`${ESCAPE}[H`)[1]!)).toContain('{node_not_reachable');
  });

  test('what was said to the command stands in the head, its home and format do not', async () => {
    const home = await fakeNode();
    const { stdout } = await onTerminal(home, `registry --name counter --home '${home}' --watch`, {
      type: [[/counter\s+process/, CTRL_C]],
    });
    expect(stripVTControlCharacters(stdout)).toMatch(/Every 2 s: erlmcpctl registry --name counter {3}/);
  });
});

test.each(['0.4', '3601', 'soon', '-1', '1e1', ''])('64: --watch=%s', async (value) => {
  const { code, stderr } = await ctl('/nowhere', ['status', `--watch=${value}`]);
  expect([code, stderr]).toEqual([64, expect.stringContaining('from 0.5 to 3600')]);
});
