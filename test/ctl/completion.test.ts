import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/ctl/commands/index.ts';
import { ctl, fakeNode, fakeNodeProcess, ROOT, runProgram, temporaryFolder } from './support.ts';

const env = (home: string): NodeJS.ProcessEnv => ({
  ERLMCP_HOME: home,
  HOME: home,
  PATH: `${join(ROOT, 'bin')}${delimiter}${process.env.PATH}`,
});

/** What bash would offer for the last word of each line, as its readline asks for it; all in one bash. */
async function offers(home: string, ...lines: readonly (readonly string[])[]): Promise<string[][]> {
  const asked = lines.map((words) => {
    const list = ['erlmcpctl', ...words].map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _erlmcpctl erlmcpctl
printf '%s\\n' "\${COMPREPLY[@]}" ==`;
  });
  const script = ['source <(erlmcpctl completion bash)', 'complete -p erlmcpctl >&2', ...asked].join('\n');
  const { stdout, stderr } = await runProgram('bash', ['--norc', '-ic', script], { env: env(home) });
  expect(stderr).toContain('complete -F _erlmcpctl erlmcpctl');
  return stdout
    .split('==\n')
    .slice(0, lines.length)
    .map((text) => text.split('\n').filter((line) => line !== ''));
}

describe('bash', () => {
  test('commands', async () => {
    const [all, some, behind, unknown] = await offers(
      '/nowhere',
      [''],
      ['re'],
      ['--home', '/x', 'upt'],
      ['no_such', ''],
    );
    expect(all).toEqual(COMMANDS.map(({ name }) => name));
    expect(some).toEqual(all!.filter((name) => name.startsWith('re')));
    expect([behind, unknown]).toEqual([['uptime'], []]);
  });

  test('options: those of the command, those of all, each once', async () => {
    const [all, logs, rest, watch, none] = await offers(
      '/nowhere',
      ['--'],
      ['logs', '--'],
      ['logs', '--follow', '--f'],
      ['uptime', '--wat'],
      ['restart', '--wat'],
    );
    expect(all).toEqual(['--home', '--json', '--help']);
    expect(logs).toEqual([...all!, '--file', '--level', '--lines', '--follow']);
    expect([rest, watch, none]).toEqual([['--file'], ['--watch'], []]);
  });

  test('values of options, and shells', async () => {
    expect(
      await offers(
        '/nowhere',
        ['logs', '--level', ''],
        ['logs', '--level', '=', 'w'],
        ['logs', '--level', '='],
        ['logs', '--lines', ''],
        ['completion', ''],
      ),
    ).toEqual([
      ['debug', 'info', 'warn', 'error'],
      ['warn'],
      ['debug', 'info', 'warn', 'error'],
      [],
      ['bash'],
    ]);
  });

  test('versions of packages and releases of the home, before and behind options', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'packages'));
    await mkdir(join(home, 'releases/2.1.0'), { recursive: true });
    for (const name of ['erlmcp-3.0.0.tar.gz', 'erlmcp-3.0.0.tar.gz.sha256', 'notes.txt'])
      await writeFile(join(home, 'packages', name), '');
    expect(
      await offers(
        home,
        ['upgrade', ''],
        ['downgrade', '--force', '2'],
        ['downgrade', '--timeout', '5', ''],
        ['upgrade', '3.0.0', ''],
        ['upgrade', '--home', '/nowhere', ''],
        ['upgrade', '--home', '=', home, '3'],
        ['upgrade', '--home', '~', '3'],
      ),
    ).toEqual([['2.1.0', '3.0.0'], ['2.1.0'], ['2.1.0', '3.0.0'], [], [], ['3.0.0'], ['3.0.0']]);
  });

  test('names of the running node; nothing of one that is down or hangs', async () => {
    const hung = await temporaryFolder();
    (await fakeNodeProcess(hung)).kill('SIGSTOP');
    expect(
      await offers(
        await fakeNode(),
        ['restart', ''],
        ['restart', '--home', '/nowhere', ''],
        ['restart', '--home', hung, ''],
      ),
    ).toEqual([['counter', 'http'], [], []]);
  });

  test('folders for --home', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'nodes'));
    await writeFile(join(home, 'nothing'), '');
    const typed = join(home, 'no');
    expect(await offers('/nowhere', ['status', '--home', typed], ['status', '--home', '=', typed])).toEqual([
      [join(home, 'nodes')],
      [join(home, 'nodes')],
    ]);
  });

  test('by a press of the key', async () => {
    const home = await fakeNode();
    const program =
      process.platform === 'linux'
        ? ['-qec', 'bash --norc -i', '/dev/null']
        : ['-q', '/dev/null', 'bash', '--norc', '-i'];
    const { stdout } = await runProgram('script', program, {
      env: { ...env(home), TERM: 'xterm' },
      stdin: 'pipe',
      onStart: ({ stdin, stdout: output }) => {
        const typed = [
          'source <(erlmcpctl completion bash); echo so"urced"\n',
          'erlmcpctl upti\t--json\n',
          'exit\n',
        ];
        const answers = [/[#$] $/, /sourced\r?\n[\s\S]*[#$] $/, /uptime_s[\s\S]*[#$] $/];
        let seen = '';
        output!.on('data', (text: string) => {
          seen += text;
          if (!answers[0]?.test(seen)) return;
          answers.shift();
          seen = '';
          stdin!.write(typed.shift()!);
        });
      },
    });
    expect(stdout).toContain('"uptime_s": 7380');
  });
});

test('the hidden command never fails and says nothing on its own account', async () => {
  for (const words of [
    [],
    [''],
    ['--'],
    ['\u0000'.slice(1)],
    ['restart', '--kind', ''],
    ['x'.repeat(10_000), ''],
  ]) {
    const { code, stderr } = await ctl('/nowhere', ['__complete', ...words]);
    expect([code, stderr]).toEqual([0, '']);
  }
  expect((await ctl('/nowhere', ['--help'])).stdout).not.toContain('__complete');
});

test('64: a shell for which there is none, with those that there are', async () => {
  const { code, stdout, stderr } = await ctl('/nowhere', ['completion', 'zsh']);
  expect([code, stdout, stderr]).toEqual([64, '', expect.stringContaining('Allowed choices are bash.')]);
});
