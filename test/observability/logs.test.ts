import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Logs, type LogsOptions, openLogs } from '../../src/observability/logs/index.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/log-and-die.ts', import.meta.url));
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;

let dir: string;
let open: Logs[];
let children: ChildProcess[];
let notices: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'erlmcp-logs-'));
  open = [];
  children = [];
  notices = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const logs of open) await logs.close();
  rmSync(dir, { recursive: true, force: true });
});

function start(options: Partial<LogsOptions> = {}): Logs {
  const logs = openLogs({ dir, settleMs: 300, notice: (text) => notices.push(text), ...options });
  open.push(logs);
  return logs;
}

const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const messages = (text: string): string[] => lines(text).map((line) => line.replace(STAMP, ''));

async function until(what: string, condition: () => boolean, deadlineMs = 20_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await delay(20);
  }
}

describe('lines', () => {
  test('hold the patterns of the runbook, level in brackets straight before the message', async () => {
    const upgrade = start().child('upgrade');
    upgrade.info('Upgrade to 3.0.0 started', { from: '2.1.0' });
    upgrade.warn('Initiating automatic rollback');
    upgrade.error('Upgrade failed at phase: transform_state');
    upgrade.error('Reason: {transformation_failed, "counter"}');
    await open[0]!.flush();
    expect(messages(read('erlmcp.log'))).toEqual([
      '[INFO] Upgrade to 3.0.0 started from=2.1.0 component=upgrade',
      '[WARN] Initiating automatic rollback component=upgrade',
      '[ERROR] Upgrade failed at phase: transform_state component=upgrade',
      '[ERROR] Reason: {transformation_failed, "counter"} component=upgrade',
    ]);
    expect(lines(read('erlmcp.log')).every((line) => STAMP.test(line))).toBe(true);
  });

  test('have their four files from the start', () => {
    start();
    expect(readdirSync(dir).sort()).toEqual(['console.log', 'erlmcp.log', 'error.log', 'upgrade.log']);
  });

  test('go to the files of their component and level', async () => {
    const logs = start();
    logs.info('host says');
    logs.error('host fails');
    logs.child('upgrade').info('coordinator says');
    logs.child('runner').error('runner fails');
    await logs.flush();
    expect(messages(read('erlmcp.log'))).toHaveLength(4);
    expect(messages(read('upgrade.log'))).toEqual(['[INFO] coordinator says component=upgrade']);
    expect(messages(read('error.log'))).toEqual([
      '[ERROR] host fails component=host',
      '[ERROR] runner fails component=runner',
    ]);
  });

  test('stay one line and harmless whatever they are given', async () => {
    const logs = start();
    logs.info('first\n2026-01-01T00:00:00.000Z [ERROR] forged\r\u001b[2Jx\u2028y\u202ez\ud800', {
      quoted: 'a b="c"\n',
      ansi: '\u001b[31m',
      c1: '\u009b31m',
      level: 60,
      msg: 'not the message',
      time: 0,
      'bad key=\n': 1,
      nothing: undefined,
    });
    await logs.flush();
    const [line, ...more] = lines(read('erlmcp.log'));
    expect(more).toEqual([]);
    expect(line).not.toMatch(/[^\P{Cc}]/u);
    expect(line).toContain(
      String.raw`[INFO] first\n2026-01-01T00:00:00.000Z [ERROR] forged\r\x1b[2Jx\u2028y\u202ez`,
    );
    expect(line).toContain(String.raw`quoted="a b=\"c\"\n"`);
    expect(line).toContain(String.raw`ansi="\u001b[31m"`);
    expect(line).toContain('level=60 msg="not the message" time=0');
    expect(line).toContain(String.raw`bad_key_\n=1`);
    expect(line).not.toContain('nothing');
    expect(read('error.log')).toBe('');
  });

  test('a message without end is cut, and fields that can not be serialised do not throw', async () => {
    const logs = start();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    logs.info('x'.repeat(1_000_000));
    logs.info('circular', { circular, big: 10n });
    logs.info('hostile', {
      get boom() {
        throw new Error('no');
      },
    });
    logs.info('after');
    await logs.flush();
    const written = lines(read('erlmcp.log'));
    expect(written[0]!.length).toBeLessThan(20_000);
    expect(written.map((line) => line.slice(25, 40)).join('|')).toContain('[INFO] after');
    expect(logs.stats().failures).toBe(1);
    expect(notices).toHaveLength(1);
  });

  test('an error is shown with its stack and cause on one line', async () => {
    const logs = start();
    logs.error('it broke', { error: new Error('outer', { cause: new Error('inner') }) });
    await logs.flush();
    expect(lines(read('error.log'))).toHaveLength(1);
    expect(read('error.log')).toMatch(/error="Error: outer\\n.*Caused by: Error: inner/);
  });

  test('the level can be changed, for children too', async () => {
    const logs = start({ level: 'warn' });
    const child = logs.child('runner');
    child.info('unseen');
    logs.setLevel('debug');
    child.debug('seen');
    await logs.flush();
    expect(messages(read('erlmcp.log'))).toEqual(['[DEBUG] seen component=runner']);
  });

  test('every line is echoed for a node in the foreground', async () => {
    const echoed: string[] = [];
    start({ echo: (line) => echoed.push(line) }).info('hello');
    expect(echoed.map((line) => line.replace(STAMP, ''))).toEqual(['[INFO] hello component=host\n']);
  });
});

describe('console.log', () => {
  test('has whole lines of each source, whatever the chunks', async () => {
    const logs = start();
    const one = logs.consoleSink('runner 2.1.0 (pid 41)');
    const two = logs.consoleSink('host');
    const euro = Buffer.from('€\n');
    one.write('first ');
    two.write('other\r\n');
    one.write(Buffer.concat([Buffer.from('half '), euro.subarray(0, 1)]));
    one.write(euro.subarray(1));
    one.write('\u001b[31mno newline');
    await Promise.all([one, two].map((sink) => once(sink.end(), 'finish')));
    await logs.flush();
    expect(messages(read('console.log'))).toEqual([
      '[host] other',
      '[runner 2.1.0 (pid 41)] first half €',
      String.raw`[runner 2.1.0 (pid 41)] \x1b[31mno newline`,
    ]);
    expect(read('erlmcp.log')).toBe('');
  });

  test('takes the output of a real process', async () => {
    const logs = start();
    const child = spawn(process.execPath, ['-e', 'console.log("out"); console.error("err")']);
    children.push(child);
    const out = logs.consoleSink('runner');
    const err = logs.consoleSink('runner');
    child.stdout.pipe(out);
    child.stderr.pipe(err);
    await Promise.all([once(out, 'finish'), once(err, 'finish')]);
    await logs.flush();
    expect(messages(read('console.log')).sort()).toEqual(['[runner] err', '[runner] out']);
  });

  test('cuts a line that never ends', async () => {
    const logs = start();
    const sink = logs.consoleSink('runner');
    for (let chunk = 0; chunk < 10; chunk++) sink.write('y'.repeat(10_000));
    await once(sink.end(), 'finish');
    await logs.flush();
    const written = messages(read('console.log'));
    expect(written.length).toBeGreaterThan(5);
    expect(written.join('').match(/y/g)).toHaveLength(100_000);
  });
});

describe('rotation', () => {
  const ordinals = (text: string): number[] =>
    [...text.matchAll(/\] line (\d+) /g)].map((match) => Number(match[1]));

  test('a concurrent tail -f reads every line, on the same inode, and the folder stays bounded', async () => {
    const maxBytes = 20_000;
    const logs = start({ maxBytes, files: 3, settleMs: 400 });
    logs.info('line 0 ');
    await logs.flush();
    const path = join(dir, 'erlmcp.log');
    const inode = statSync(path).ino;
    const tail = spawn('tail', ['-n', '+1', '-s', '0.05', '-f', path]);
    children.push(tail);
    let seen = '';
    tail.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
    });
    await until('tail to start', () => seen.includes('line 0 '));

    let next = 1;
    while (!existsSync(`${path}.3`)) {
      for (let burst = 0; burst < 20; burst++) logs.info(`line ${next++} ${'.'.repeat(100)}`);
      if (next % 7 === 0) logs.error(`line ${next++} synchronously`);
      await delay(10);
      if (next > 50_000) throw new Error('no third rotation');
    }
    await logs.flush();
    await until('tail to read the last line', () => seen.includes(`line ${next - 1} `));
    expect(ordinals(seen)).toEqual(Array.from({ length: next }, (_, index) => index));
    expect(statSync(path).ino).toBe(inode);
    expect(readdirSync(dir).filter((name) => name.startsWith('erlmcp.log')).length).toBeLessThanOrEqual(4);
  });

  test('no line is lost or doubled between the file and its predecessors, in order', async () => {
    const logs = start({ maxBytes: 20_000, files: 50, settleMs: 5 });
    let next = 0;
    while (!existsSync(join(dir, 'erlmcp.log.3'))) {
      const level = next % 100 === 0 ? 'error' : 'info';
      logs[level](`line ${next++} ${'.'.repeat(60)}`);
      if (next % 50 === 0) await delay(1);
      if (next > 500_000) throw new Error('no third rotation');
    }
    await logs.flush();
    const rotated = readdirSync(dir)
      .filter((name) => /^erlmcp\.log\.\d+$/.test(name))
      .sort((a, b) => Number(b.split('.').pop()) - Number(a.split('.').pop()));
    expect(rotated.length).toBeGreaterThan(2);
    const all = [...rotated, 'erlmcp.log'].map(read).join('');
    expect(ordinals(all)).toEqual(Array.from({ length: next }, (_, index) => index));
  });

  test('files: 0 keeps none', async () => {
    const logs = start({ maxBytes: 1_000, files: 0, settleMs: 1 });
    for (let index = 0; index < 50; index++) {
      logs.info(`line ${index} ${'.'.repeat(60)}`);
      await logs.flush();
    }
    expect(statSync(join(dir, 'erlmcp.log')).size).toBeLessThan(1_200);
    expect(readdirSync(dir).some((name) => name.endsWith('.1'))).toBe(false);
  });

  test('closing during a rotation writes what waits', async () => {
    const logs = start({ maxBytes: 1_000, settleMs: 60_000 });
    for (let index = 0; index < 20; index++) logs.info(`line ${index} ${'.'.repeat(100)}`);
    void logs.flush();
    await until('the copy', () => existsSync(join(dir, 'erlmcp.log.1')));
    logs.info('line 20 at the end');
    await logs.close();
    expect(ordinals(read('erlmcp.log.1') + read('erlmcp.log'))).toEqual(
      Array.from({ length: 21 }, (_, index) => index),
    );
  });
});

describe('trouble with the disk', () => {
  test('a folder that can not be written never throws, is told once, and lines come back with it', async () => {
    const blocked = join(dir, 'log');
    writeFileSync(blocked, 'a file where the folder should be');
    const logs = start({ dir: blocked });
    for (let index = 0; index < 100; index++) logs.info(`line ${index}`);
    logs.error('an error');
    await logs.flush();
    expect(logs.stats().problem).toContain('erlmcp.log');
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('erlmcp.log');
    rmSync(blocked);
    await until('the log to come back', () => logs.stats().problem === undefined);
    await logs.flush();
    const written = lines(readFileSync(join(blocked, 'erlmcp.log'), 'utf8'));
    expect(written.slice(0, 101).map((line) => line.split('] ')[1]!.split(' component')[0])).toEqual([
      ...Array.from({ length: 100 }, (_, index) => `line ${index}`),
      'an error',
    ]);
    expect(written.join('\n')).toContain('[WARN] Log erlmcp.log can be written again dropped=0');
  });

  test('a full disk: what exceeds the memory set aside is dropped and counted', async () => {
    const blocked = join(dir, 'log');
    writeFileSync(blocked, '');
    const logs = start({ dir: blocked });
    for (let index = 0; index < 1_500; index++) logs.info('z'.repeat(15_000));
    await logs.flush();
    expect(logs.stats().dropped).toBeGreaterThan(500);
    expect(logs.stats().dropped).toBeLessThan(1_500);
  });

  test.skipIf(!existsSync('/dev/full'))('a device without space left counts failures', async () => {
    const { LogFile } = await import('../../src/observability/logs/log-file.ts');
    const problems: unknown[] = [];
    const file = new LogFile({
      path: '/dev/full',
      maxBytes: 1_000,
      files: 0,
      settleMs: 1,
      onProblem: (error) => problems.push(error),
      onRecovered: () => {},
    });
    file.append('a line\n');
    await file.flush();
    file.append('another\n');
    file.flushSync(true);
    await file.close();
    expect(problems).toHaveLength(1);
    expect(String(problems[0])).toContain('ENOSPC');
    expect(file.stats.failures).toBeGreaterThan(1);
  });

  test.skipIf(process.getuid?.() === 0)('a read-only folder fails the same way', async () => {
    chmodSync(dir, 0o500);
    const logs = start();
    logs.info('unwritten');
    await logs.flush();
    chmodSync(dir, 0o700);
    expect(logs.stats().failures).toBeGreaterThan(0);
  });

  test('a file that was removed is made again', async () => {
    const logs = start();
    logs.info('before');
    await logs.flush();
    rmSync(join(dir, 'erlmcp.log'));
    logs.info('afterwards');
    await logs.flush();
    expect(messages(read('erlmcp.log'))).toEqual(['[INFO] afterwards component=host']);
  });
});

describe('the end of the process', () => {
  test.each([
    ['exit', 0],
    ['throw', 1],
  ])('%s: what was logged is in the file', async (how, code) => {
    const child = spawn(process.execPath, [FIXTURE, dir, how], { stdio: 'ignore' });
    children.push(child);
    const [status] = await once(child, 'exit');
    expect(status).toBe(code);
    expect(messages(read('erlmcp.log'))).toHaveLength(1_000);
  });

  test('killed straight after an error: the error is in the file', async () => {
    const child = spawn(process.execPath, [FIXTURE, dir, 'kill'], { stdio: 'ignore' });
    children.push(child);
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(read('error.log')).toContain('[ERROR] the last words');
    expect(messages(read('erlmcp.log'))).toHaveLength(1_001);
  });
});
