import { appendFile, copyFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLogs } from '../../src/observability/logs/index.ts';
import { ctl, ERLMCPCTL, type Finished, runProgram, temporaryFolder, until } from './support.ts';

const at = (index: number, level = 'INFO'): string =>
  `2026-03-01T10:00:00.000Z [${level}] Line ${index} n=${index} component=host\n`;

async function homeWith(files: Readonly<Record<string, string>>): Promise<string> {
  const home = await temporaryFolder();
  await mkdir(join(home, 'log'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, 'log', name), text);
  return home;
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => at(from + index)).join('');
const numbers = ({ stdout }: { stdout: string }): number[] =>
  [...stdout.matchAll(/Line (\d+) /g)].map(([, number]) => Number(number));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('the last lines', () => {
  test('50 of them, or as many as asked for', async () => {
    const home = await homeWith({ 'erlmcp.log': lines(0, 120) });
    expect(numbers(await ctl(home, ['logs']))).toEqual(range(70, 120));
    expect(numbers(await ctl(home, ['logs', '--lines', '3']))).toEqual(range(117, 120));
    expect((await ctl(home, ['logs', '--lines', '0'])).stdout).toBe('');
  });

  test('go on into rotated files', async () => {
    const home = await homeWith({
      'erlmcp.log': lines(6000, 6010),
      'erlmcp.log.1': lines(3000, 6000),
      'erlmcp.log.2': lines(0, 3000),
    });
    expect(numbers(await ctl(home, ['logs', '--lines', '4000']))).toEqual(range(2010, 6010));
    expect(numbers(await ctl(home, ['logs', '--lines', '100000']))).toEqual(range(0, 6010));
  });

  test('come once while a rotation has copied and not yet emptied the file', async () => {
    const home = await homeWith({
      'erlmcp.log': lines(10, 25),
      'erlmcp.log.1': lines(10, 20),
      'erlmcp.log.2': lines(0, 10),
    });
    expect(numbers(await ctl(home, ['logs', '--lines', '100']))).toEqual(range(0, 25));
  });

  test('of a level and above, as many as asked for', async () => {
    const home = await homeWith({
      'erlmcp.log': `${at(1, 'DEBUG')}${at(2)}${at(3, 'WARN')}${at(4, 'ERROR')}no level\n${lines(5, 100)}`,
      'erlmcp.log.1': at(0, 'ERROR'),
    });
    const level = async (name: string) =>
      numbers(await ctl(home, ['logs', '--level', name, '--lines', '500']));
    expect(await level('error')).toEqual([0, 4]);
    expect(await level('warn')).toEqual([0, 3, 4]);
    expect(await level('info')).toEqual([0, 2, 3, 4, ...range(5, 100)]);
    expect(await level('debug')).toEqual([0, 1, 2, 3, 4, ...range(5, 100)]);
  });

  test('of another file; with --json an object a line', async () => {
    const home = await homeWith({ 'upgrade.log': at(7, 'ERROR'), 'console.log': '' });
    const { stdout } = await ctl(home, ['logs', '--file', 'upgrade', '--json']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        time: '2026-03-01T10:00:00.000Z',
        level: 'error',
        component: 'host',
        message: 'Line 7',
        fields: { n: 7 },
      },
    ]);
  });

  test('control characters in a file do not reach the terminal, long lines are whole', async () => {
    const long = 'x'.repeat(200_000);
    const home = await homeWith({ 'console.log': `a\u001b[31mb\n${long}\nend\n` });
    const { stdout } = await ctl(home, ['logs', '--file', 'console']);
    expect(stdout).toBe(`a\ufffd[31mb\n${long}\nend\n`);
  });

  test('1: a missing file in one line; 64: what can not be asked for', async () => {
    const home = await temporaryFolder();
    const missing = await ctl(home, ['logs']);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toMatch(/^erlmcpctl: \{no_log, "[^\n]*erlmcp\.log"\}[^\n]*\n$/);
    expect((await ctl(home, ['logs', '--follow'])).code).toBe(1);
    for (const args of [
      ['--level', 'loud'],
      ['--file', 'access'],
      ['--lines', '-1'],
      ['--lines', '9999999'],
    ])
      expect((await ctl(home, ['logs', ...args])).code).toBe(64);
    expect((await ctl(home, ['logs', '--file', 'console', '--level', 'warn'])).code).toBe(64);
  });

  test('a folder in place of the file is no reason for a stack trace', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'log/erlmcp.log'), { recursive: true });
    const { code, stderr } = await ctl(home, ['logs']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^erlmcpctl: \{log_unreadable[^\n]*\n$/)]);
  });
});

/** `logs --follow` of a home; what it has printed so far. */
function follow(home: string, ...args: string[]) {
  const seen: Finished = { code: null, stdout: '', stderr: '' };
  let kill = (): void => {};
  const ended = ctl(home, ['logs', '--follow', ...args], {
    onStart: (child) => {
      kill = () => void child.kill('SIGINT');
      child.stdout!.on('data', (text: string) => {
        seen.stdout += text;
      });
    },
  });
  onTestFinished(() => kill());
  return { seen, ended, stop: () => kill() };
}

describe('--follow', () => {
  test('prints what is written from now on, in whole lines, of the level that was asked for', async () => {
    const home = await homeWith({ 'erlmcp.log': lines(0, 10) });
    const path = join(home, 'log/erlmcp.log');
    const { seen } = follow(home, '--lines', '2', '--level', 'info');
    await until(() => seen.stdout.includes('Line 9'), 'the last lines');
    await appendFile(path, `${at(10)}${at(11, 'DEBUG')}${at(12).slice(0, 40)}`);
    await until(() => seen.stdout.includes('Line 10'), 'the next line');
    await appendFile(path, at(12).slice(40));
    await until(() => seen.stdout.includes('Line 12'), 'the rest of a line');
    expect(numbers(seen)).toEqual([8, 9, 10, 12]);
  });

  test('misses and doubles nothing over many rotations by the node itself', async () => {
    const home = await homeWith({});
    const logs = openLogs({ dir: join(home, 'log'), maxBytes: 4096, files: 3, settleMs: 20 });
    onTestFinished(() => logs.close());
    logs.info('Line 0 ');
    await logs.flush();
    const { seen } = follow(home);
    await until(() => seen.stdout.includes('Line 0 '), 'the first line');
    for (let index = 1; index < 400; index++) {
      logs.info(`Line ${index} `);
      if (index % 10 === 0) await logs.flush();
    }
    await until(() => seen.stdout.includes('Line 399 '), 'the last line');
    expect(numbers(seen)).toEqual(range(0, 400));
  });

  test('catches up with two rotations that it slept through', async () => {
    const home = await homeWith({ 'erlmcp.log': lines(0, 3) });
    const path = join(home, 'log/erlmcp.log');
    let stop = (_: NodeJS.Signals): unknown => undefined;
    let stdout = '';
    void ctl(home, ['logs', '--follow'], {
      onStart: (child) => {
        stop = (signal) => process.kill(child.pid!, signal);
        child.stdout!.on('data', (text: string) => {
          stdout += text;
        });
      },
    });
    onTestFinished(() => void stop('SIGKILL'));
    await until(() => stdout.includes('Line 2'), 'the first lines');
    stop('SIGSTOP');
    await appendFile(path, lines(3, 6));
    await copyFile(path, `${path}.1`);
    await truncate(path);
    await appendFile(path, lines(6, 9));
    await rename(`${path}.1`, `${path}.2`);
    await copyFile(path, `${path}.1`);
    await truncate(path);
    await appendFile(path, lines(9, 30));
    stop('SIGCONT');
    await until(() => stdout.includes('Line 29'), 'the last line');
    expect(numbers({ stdout })).toEqual(range(0, 30));
  });

  test('goes on with a file that was removed and made anew, as a node does that starts again', async () => {
    const home = await homeWith({ 'erlmcp.log': lines(0, 3) });
    const path = join(home, 'log/erlmcp.log');
    const { seen, ended, stop } = follow(home);
    await until(() => seen.stdout.includes('Line 2'), 'the first lines');
    await rm(path);
    await writeFile(path, lines(3, 5));
    await until(() => seen.stdout.includes('Line 4'), 'the new file');
    await appendFile(path, lines(5, 6));
    await until(() => seen.stdout.includes('Line 5'), 'one more');
    expect(numbers(seen)).toEqual(range(0, 6));
    stop();
    expect((await ended).stderr).toBe('');
  });

  test('ends when its reader has gone, though nothing more is written', async () => {
    const home = await homeWith({ 'erlmcp.log': lines(0, 3) });
    for (const reader of ['head -1', 'true']) {
      const command = `'${ERLMCPCTL}' logs --follow | ${reader} >/dev/null; exit \${PIPESTATUS[0]}`;
      const { code, stderr } = await runProgram('bash', ['-c', command], { env: { ERLMCP_HOME: home } });
      expect([reader, code, stderr]).toEqual([reader, 0, '']);
    }
  });
});
