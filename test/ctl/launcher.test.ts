import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { cites } from '../requirements.ts';
import { ROOT, runProgram, temporaryFolder } from './support.ts';

const COMMANDS = ['erlmcp', 'erlmcpctl'] as const;
const MAIN = { erlmcp: 'main/erlmcp', erlmcpctl: 'ctl/main' } as const;

async function writeProgram(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

/** A package with one launcher, and a PATH with what the launcher calls and the given `node`. */
async function install(command: (typeof COMMANDS)[number], machineNode?: string) {
  const root = await temporaryFolder();
  await mkdir(join(root, 'bin'));
  await copyFile(join(ROOT, 'bin', command), join(root, 'bin', command));
  await mkdir(join(root, 'path'));
  for (const tool of ['readlink', 'dirname']) {
    const found = await runProgram('/bin/sh', ['-c', `command -v ${tool}`]);
    await symlink(found.stdout.trim(), join(root, 'path', tool));
  }
  if (machineNode !== undefined) await writeProgram(join(root, 'path', 'node'), machineNode);
  const addEntry = async (kind: 'src' | 'dist'): Promise<string> => {
    const path = join(root, kind, `${MAIN[command]}.${kind === 'src' ? 'ts' : 'js'}`);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, '');
    return path;
  };
  const run = (program = join(root, 'bin', command), args: readonly string[] = []) =>
    runProgram('/bin/sh', [program, ...args], { env: { PATH: join(root, 'path') }, cwd: '/' });
  return { root, addEntry, run };
}

const saying = (version: string): string =>
  `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo "machine $@"; fi\n`;

test.each(COMMANDS)('%s: takes the pinned Node.js, whatever the machine has', async (command) => {
  const { root, addEntry, run } = await install(command, saying('v20.0.0'));
  const entry = await addEntry('src');
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await writeProgram(join(root, 'node_modules/.bin/node'), '#!/bin/sh\necho "pinned $@"\n');
  const { code, stdout } = await run(undefined, ['status', 'a b']);
  expect([code, stdout.trim()]).toEqual([0, expect.stringMatching(/^pinned .*status a b$/)]);
  expect(stdout).toContain(entry);
});

test.each(COMMANDS)('%s: takes the Node.js of the machine where none is pinned', async (command) => {
  const { root, addEntry, run } = await install(command, saying('v22.19.0'));
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await symlink('../node/bin/node', join(root, 'node_modules/.bin/node'));
  const built = await addEntry('dist');
  expect((await run()).stdout).toContain(`machine --disable-warning=ExperimentalWarning ${built}`);
  const source = await addEntry('src');
  expect((await run()).stdout).toContain(source);
});

test.each(['v20.20.2', 'v22.18.9', 'v8.0.0'])(
  'refuses Node.js %s, and says which, where, what is needed',
  async (version) => {
    const { root, addEntry, run } = await install('erlmcpctl', saying(version));
    await addEntry('src');
    const { code, stderr } = await run();
    expect(code, cites('threshold.runtime')).toBe(1);
    expect(stderr).toContain(
      `Node.js ${version} at ${join(root, 'path/node')} is too old. Node.js 22.19 or newer`,
    );
  },
);

test.each(['v22.19.0', 'v23.0.0', 'v100.1.0'])('takes Node.js %s', async (version) => {
  const { addEntry, run } = await install('erlmcpctl', saying(version));
  await addEntry('src');
  expect((await run()).code).toBe(0);
});

test('the package asks for the Node.js that the launchers need', async () => {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const launcher = await readFile(join(ROOT, 'bin/erlmcp'), 'utf8');
  expect(engines.node).toBe(`>=${/^needed=(.+)$/m.exec(launcher)?.[1]}`);
});

test('says what is missing: Node.js, a Node.js that runs, the program itself', async () => {
  const none = await install('erlmcp');
  expect(await none.run()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no Node\.js found.*22\.19/),
  });
  const broken = await install('erlmcp', '#!/bin/sh\nexit 3\n');
  expect(await broken.run()).toMatchObject({ code: 1, stderr: expect.stringContaining('does not run') });
  const odd = await install('erlmcp', saying('banana'));
  expect(await odd.run()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'banana', which is none"),
  });
  const empty = await install('erlmcp', saying('v24.0.0'));
  expect(await empty.run()).toMatchObject({ code: 1, stderr: expect.stringContaining('neither src/main') });
});

test('finds its package through links, relative and absolute', async () => {
  const { root, addEntry, run } = await install('erlmcpctl', saying('v24.0.0'));
  const entry = await addEntry('src');
  const elsewhere = await temporaryFolder();
  await symlink(join(root, 'bin/erlmcpctl'), join(elsewhere, 'absolute'));
  await symlink('absolute', join(elsewhere, 'relative'));
  expect((await run(join(elsewhere, 'relative'))).stdout).toContain(entry);
  const found = await runProgram('/bin/sh', ['-c', 'cd "$1" && exec sh relative', 'sh', elsewhere], {
    env: { PATH: `${join(root, 'path')}${delimiter}/bin${delimiter}/usr/bin` },
  });
  expect(found.stdout).toContain(entry);
});

test('the launchers are the same but for their names', async () => {
  const [first, second, third] = await Promise.all(
    [...COMMANDS, 'erl'].map((name) => readFile(join(ROOT, 'bin', name), 'utf8')),
  );
  const rest = (text: string): string => text.split('\n').slice(5).join('\n');
  expect(rest(first!)).toBe(rest(second!));
  expect(rest(first!)).toBe(rest(third!));
});
