import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ControlHandlers } from '../../src/admin/control-handlers.ts';
import { readErlOptions } from '../../src/ctl/console/erl-options.ts';
import { HISTORY_LINES, History } from '../../src/ctl/console/history.ts';
import { OperatorError, tuple } from '../../src/errors/index.ts';
import { ctl, ERLMCPCTL, fakeNode, fakeNodeAt, temporaryFolder, until } from '../ctl/support.ts';

const evaluating: Partial<ControlHandlers> = {
  eval: ({ expression, user }) => {
    if (expression.includes('fail'))
      throw new OperatorError(tuple('badmatch', 1), 'It does not match.', 'Try again.', { exitCode: 1 });
    return { text: `${user} said ${expression} \u001b[31m`, language: 'erlang', value: { said: expression } };
  },
  console_complete: () => ({ completions: ['erlmcp_registry'], prefix: 'erl' }),
};

const typing = (home: string, text: string) =>
  ctl(home, ['remote_console'], { stdin: 'pipe', onStart: (child) => void child.stdin!.end(text) });

describe('erlmcpctl eval', () => {
  it('prints the value, for people and for programs, and nothing that a terminal obeys', async () => {
    const home = await fakeNode(evaluating);
    const shown = await ctl(home, ['eval', 'ets:all().']);
    expect(shown).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/ said ets:all\(\)\. \ufffd\[31m\n$/),
    });
    const json = await ctl(home, ['eval', 'ets:all().', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ language: 'erlang', value: { said: 'ets:all().' } });
  });

  it('fails with one line and the code of the failure', async () => {
    const home = await fakeNode(evaluating);
    expect(await ctl(home, ['eval', 'fail().'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'erlmcpctl: {badmatch, 1}: It does not match. Try again.\n',
    });
    expect((await ctl(home, ['eval'])).code).toBe(64);
    expect((await ctl(await temporaryFolder(), ['eval', '1.'])).code).toBe(69);
  });
});

describe('erlmcpctl remote_console off a terminal', () => {
  it('runs each expression of its input, and says by its exit code that one failed', async () => {
    const home = await fakeNode(evaluating);
    const ended = await typing(home, '% a comment\nets:info(\n  t\n). fail().\n\nlast');
    expect(ended.code).toBe(1);
    expect(ended.stdout.replaceAll(/^\S+ said /gm, '').replaceAll(' \ufffd[31m', '')).toBe(
      'ets:info(\n  t\n).\nlast\n',
    );
    expect(ended.stderr).toBe('erlmcpctl: {badmatch, 1}: It does not match. Try again.\n');
    expect(await typing(home, '')).toEqual({ code: 0, stdout: '', stderr: '' });
    const left = await typing(home, '1.\nq().\n2.\n');
    expect(left.code).toBe(0);
    expect(left.stdout).not.toContain('2.');
  });

  it('ends with one line when the node goes away', async () => {
    const home = await temporaryFolder();
    const server = await fakeNodeAt(home, {
      eval: async () => {
        await server.close();
        return { text: 'too late', language: 'erlang', value: null };
      },
    });
    const ended = await typing(home, '1.\n2.\n');
    expect(ended.code).toBe(69);
    expect(ended.stderr).toMatch(/^erlmcpctl: \{nodedown, ".*"\}: .* has gone; .*\n$/);
  });
});

/** util-linux's `script` gives a command a terminal. */
const SCRIPT = '/usr/bin/script';

describe.runIf(process.platform === 'linux' && existsSync(SCRIPT))(
  'erlmcpctl remote_console on a terminal',
  () => {
    it('has a prompt that counts, completion, history, and goes on after errors and Ctrl-C', async () => {
      const home = await fakeNode(evaluating);
      const history = join(await temporaryFolder(), 'history');
      writeFileSync(history, 'earlier().\n', { mode: 0o644 });
      const child = spawn(SCRIPT, ['-qefc', `${ERLMCPCTL} remote_console`, '/dev/null'], {
        env: { ...process.env, ERLMCP_HOME: home, ERLMCP_HISTORY: history, TERM: 'xterm', NO_COLOR: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      const type = async (keys: string, seen: string): Promise<void> => {
        const from = shown.length;
        child.stdin.write(keys);
        await until(
          () => shown.slice(from).includes(seen),
          `${JSON.stringify(seen)} after ${JSON.stringify(keys)}`,
        );
      };
      await until(() => shown.includes('(erlmcp@test)1> '), 'the first prompt');
      expect(shown).toContain('release 2.1.0');
      await type('\u001b[A', 'earlier().');
      await type('\u0003', '(erlmcp@test)1> ');
      await type('ets:info(erl\t', 'mcp_registry');
      await type(').\r', '(erlmcp@test)2> ');
      expect(shown).toContain('said ets:info(erlmcp_registry).');
      await type('fail(\r', '.. ');
      await type(').\r', '(erlmcp@test)3> ');
      expect(shown).toContain('** {badmatch, 1}: It does not match. Try again.');
      await type('dropped(\r', '.. ');
      await type('\u0003', '(erlmcp@test)3> ');
      await type('1.\r', '(erlmcp@test)4> ');
      child.stdin.write('\u0004');
      expect(await ended).toBe(0);
      expect(shown).not.toContain('said dropped(');
      const kept = readFileSync(history, 'utf8').split('\n');
      expect(kept).toEqual(['earlier().', 'ets:info(erlmcp_registry).', 'fail(', ').', 'dropped(', '1.', '']);
      expect(statSync(history).mode & 0o777).toBe(0o600);
    });
  },
);

describe('the history', () => {
  it('is cut when it has grown, and is no reason to fail', async () => {
    const path = join(await temporaryFolder(), 'history');
    writeFileSync(path, Array.from({ length: 6_000 }, (_, line) => `${line}.\n`).join(''));
    expect(new History(path).load().slice(0, 2)).toEqual(['5999.', '5998.']);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(HISTORY_LINES);
    const nowhere = new History('/nowhere/at/all');
    expect(nowhere.load()).toEqual([]);
    nowhere.append('x');
    expect(new History('').load()).toEqual([]);
  });
});

describe('the options of erl', () => {
  it('are those of the runbook', () => {
    expect(
      readErlOptions(['-name', 'me@127.0.0.1', '-setcookie', 'c', '-remsh', 'erlmcp@localhost']),
    ).toEqual({
      name: 'me@127.0.0.1',
      cookie: 'c',
      remsh: 'erlmcp@localhost',
    });
    expect(readErlOptions(['-remsh', 'erlmcp@::1', '-sname', 'me'])).toEqual({
      name: 'me',
      remsh: 'erlmcp@::1',
    });
  });

  it.each([
    [[], '-remsh'],
    [['-name', 'a'], '-remsh'],
    [['-remsh'], '-remsh'],
    [['-remsh', ''], '-remsh'],
    [['-remsh', '-name', 'a'], '-remsh'],
    [['-remsh', 'a@b', '-eval', 'x'], '-eval'],
    [['-remsh', 'a@b', '-name', 'a', '-sname', 'b'], '-sname'],
    [['--help', 'x'], '--help'],
    [['constructor', 'x'], 'constructor'],
  ])('and no others: %j', (argv, option) => {
    expect(() => readErlOptions(argv)).toThrow(
      expect.objectContaining({ reason: `{bad_option, "${option}"}`, exitCode: 64 }),
    );
  });
});
