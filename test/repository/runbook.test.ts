/** The runbook as a document, and its executor: that it takes nothing for true that is not. `npm run runbook` executes it. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { mayFail } from '../../runbook/clients.ts';
import { parseRunbook } from '../../runbook/document.ts';
import { lineMatches, WILDCARDS } from '../../runbook/wildcards.ts';
import { RUNBOOK_WAITS } from '../requirements.ts';
import { alive, eventually } from '../support/test-node.ts';
import { requirementsOf } from '../tools/runbook.ts';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const RUNBOOK = readFileSync(path('docs/RUNBOOK.md'), 'utf8');
const SEED = path('../shared/seed/upgrade-runbook.md');
const folder = mkdtempSync(join(tmpdir(), 'erlmcp-runbook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  code: number;
  output: string;
  errors: string;
}

/** Executes a document as `npm run runbook` does. */
function execute(lines: readonly string[], ...args: string[]): Promise<Run> {
  const file = join(mkdtempSync(join(folder, 'd')), 'book.md');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const command = [path('runbook/main.ts'), '--document', file, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { timeout: 60_000 }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output, errors }),
    );
  });
}

const bash = (...lines: string[]): string[] => ['```bash', ...lines, '```'];
const text = (...lines: string[]): string[] => ['```text', ...lines, '```'];

describe('the executor', () => {
  it('goes through a document that is true, in one terminal for each section', async () => {
    const run = await execute([
      '# Book',
      ...bash('# a comment', 'export WHERE=$PWD', 'cd /', 'own=1'),
      '## Next',
      ...bash('pwd', 'echo "[$own]"', 'cat <<END', '$WHERE', 'END', 'printf "%s \\', '%s\\n" a b'),
      ...text('/', '[]', '$WHERE', 'a b'),
      ...bash('false', 'echo $?', 'echo 2026-11-24T11:43:20.742Z   done in 4.2 s, pid 4711 1>&2'),
      ...text('1', '<time> done in <duration>, pid <pid>'),
      ...bash(`printf "%s\\n" one two three > ${folder}/list`),
      ...bash(`tail -f ${folder}/list`),
      ...text('two', 'three'),
      '```',
      'a picture',
      '```',
    ]);
    expect(run.errors).toBe('');
    expect(run.code).toBe(0);
    expect(run.output).toContain('The runbook is true.');
  });

  it('prints the time of a scenario beside its estimate', async () => {
    const run = await execute(['### Scenario 1: Short', '**Time Estimate**: 1-2 minutes', ...bash('true')]);
    expect(run.output).toMatch(/Scenario 1: Short +\d+\.\d s .* estimate 1-2 minutes, ok/);
  });

  it.each([
    ['a command that fails', bash('true', 'false', 'true'), ':3: `false` exits 1.'],
    ['one that fails at the head of a pipe', bash('false | cat'), ':2: `false | cat` exits 1.'],
    [
      'a wrong output',
      [...bash('echo a'), ...text('b')],
      ':5: What comes out is not what is shown.\n  shown:     b\n  came out:  a\n  typed:     echo a',
    ],
    ['an output with more lines than are shown', [...bash('seq 2'), ...text('1')], '  came out:  2'],
    ['an output with fewer', [...bash('echo 1'), ...text('1', '2')], '  came out:  (nothing more)'],
    ['another exit code than is shown', [...bash('false', 'echo $?'), ...text('2')], '  came out:  1'],
    [
      'an exit code that is asked for and not shown',
      bash('false', 'echo $?'),
      ':2: Who asks for the exit code',
    ],
    [
      'a text that a wildcard does not stand for',
      [...bash('echo soon'), ...text('<time>')],
      '  came out:  soon',
    ],
    ['a wrong wildcard', [...bash('echo 1'), ...text('', '<number>')], ':6: <number> is no wildcard.'],
    [
      'a variable that is not set',
      [...bash('echo 1'), ...text('$NOWHERE_SET')],
      ':5: $NOWHERE_SET stands in the output',
    ],
    ['a fence that is not closed', ['```bash', 'true'], ':1: This fence is never closed.'],
    ['a fence within another', ['```bash', 'true', '```text', 'x', '```'], ':1: This fence is not closed'],
    [
      'a language that would not be executed',
      ['```sh', 'rm x', '```'],
      ':1: `sh` is no language of the runbook',
    ],
    ['an output of nothing', text('x'), ':1: This output belongs to no block'],
    ['a here-document without an end', bash('cat <<END', 'x'), ':2: The here-document is not ended by END.'],
    ['a follower that is not alone', bash('true', 'tail -f /dev/null'), ':2: A command that never ends'],
    ['a follower that fails', [...bash('tail -f /nowhere/at/all'), ...text('x')], ' exits 1.'],
    ['a follower without an end', bash('tail -f /dev/null'), ':2: `tail -f /dev/null` never ends'],
    [
      'a scenario over its time',
      ['### Scenario 1: Long', '**Time Estimate**: 0 minutes', ...bash('true')],
      'the estimate is 0 minutes.',
    ],
    [
      'an estimate that is none',
      ['### Scenario 1: Odd', '**Time Estimate**: soon'],
      ':2: `soon` is no estimate',
    ],
  ])('fails on %s', async (_what, lines, complaint) => {
    const run = await execute(lines);
    expect(run.errors).toContain(`book.md${complaint.startsWith(':') ? complaint : ''}`);
    expect(run.errors).toContain(complaint);
    expect(run.code).toBe(1);
  });

  it('fails on a command that does not end, and shows what it printed', async () => {
    const run = await execute(bash('echo so far; sleep 60'), '--limit', '1');
    expect(run.errors).toContain('book.md:2: `echo so far; sleep 60`: it has not ended after 1 s.\nso far');
    expect(run.code).toBe(1);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const [file, started] = [join(folder, 'long.md'), join(folder, 'started')];
    writeFileSync(file, `${bash(`sleep 60 & echo $! $TMPDIR > ${started}; wait`).join('\n')}\n`);
    const child = spawn(process.execPath, [path('runbook/main.ts'), '--document', file], { stdio: 'ignore' });
    const code = new Promise((resolve) => child.once('exit', resolve));
    const written = (): string => (existsSync(started) ? readFileSync(started, 'utf8').trim() : '');
    const [pid = '', temporary = ''] = (await eventually('the command', written)).split(' ');
    child.kill('SIGINT');
    expect(await code).toBe(130);
    await eventually('the end of what it started', () => !alive(Number(pid)));
    expect(existsSync(temporary)).toBe(false);
  });

  it.each([
    ['MCP error 1004: The connection broke', ['node_lost'], true],
    ['MCP error 1004: The connection broke', ['runner_lost', 'fetch failed'], false],
    ['The connection to the erlmcp node broke after this request was sent.', ['node_lost'], true],
    ['fetch failed', ['fetch failed'], true],
    ['tool error: There is no note 7.', ['There is no note'], true],
    ['anything', [], false],
  ])('lets a request fail with `%s` where the document says %j: %s', (error, words, allowed) => {
    expect(mayFail(error, words)).toBe(allowed);
  });

  it('plays the sections that are asked for', async () => {
    const lines = ['## One', ...bash('false'), '## Two', ...bash('echo two')];
    expect(await execute(lines, '--only', 'Two')).toMatchObject({ code: 0, errors: '' });
    expect((await execute(lines, '--only', 'Three')).errors).toContain('no section has "Three" in its title');
  });

  it.each([
    ['<time>', '2026-11-24T11:43:20Z', true],
    ['<time>', '2026-11-24', false],
    ['<duration>', '59 min 08 s', true],
    ['<duration>', '59 min 8 s', false],
    ['<duration>', '12', false],
    ['<ms>', '0.25', true],
    ['<ms>', '-1', false],
    ['<pid>', '<0.12.0>', true],
    ['<pid>', 'host', false],
    ['<size>', '1.5 KiB', true],
    ['<size>', '12 ms', false],
    ['a.c', 'abc', false],
    ['a   b ', 'a b', true],
    ['a b', 'ab', false],
  ])('%s and `%s`: %s', (shown, came, matches) => {
    expect(lineMatches(shown, came)).toBe(matches);
  });
});

describe('docs/RUNBOOK.md', () => {
  const sections = parseRunbook(RUNBOOK);
  const commands = new Set(
    sections
      .flatMap(({ blocks }) => blocks.flatMap((block) => block.commands))
      .map(({ text: typed }) => typed),
  );

  it('says which wildcards there are', () => {
    const listed = [...RUNBOOK.matchAll(/^\| `<([a-z]+)>` \|/gm)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(WILDCARDS));
  });

  it('hides no failure', () => {
    expect(RUNBOOK).not.toMatch(/\|\|\s*(true|:)/);
  });

  it.each(
    sections.filter(({ kind }) => kind !== 'other').map((section) => [section.title, section] as const),
  )('%s causes its fault and says what clients notice', (title, { clientsMayFailWith, estimate, kind }) => {
    const body = RUNBOOK.split(`### ${title}`)[1]?.split(/^#{2,3} /m)[0] ?? '';
    expect(clientsMayFailWith).toBeDefined();
    if (kind === 'scenario') expect(estimate).toBeDefined();
    if (!title.startsWith('Scenario 1:')) expect(body).toMatch(/To practise this<\/summary>[\s\S]+```bash/);
  });

  it('has the five scenarios and the three workflows', () => {
    expect(sections.filter(({ kind }) => kind === 'scenario')).toHaveLength(5);
    expect(sections.filter(({ kind }) => kind === 'workflow')).toHaveLength(3);
  });

  it('does not yet have what waits for a later issue, and the list of it names nothing else', () => {
    expect(RUNBOOK_WAITS.filter(({ text: awaited }) => RUNBOOK.includes(awaited))).toEqual([]);
  });

  it.runIf(existsSync(SEED))(
    'has everything else that the seed has, its commands to be executed as they stand there',
    () => {
      const here = new Set(requirementsOf(RUNBOOK).map(({ kind, text: literal }) => `${kind} ${literal}`));
      const awaited = RUNBOOK_WAITS.map(({ text: literal }) => literal);
      const lacking = requirementsOf(readFileSync(SEED, 'utf8'))
        .filter(({ text: literal }) => !awaited.some((part) => literal.includes(part)))
        .filter(({ kind, text: literal }) =>
          kind === 'command'
            ? !commands.has(literal)
            : !here.has(`${kind} ${literal}`) && !(kind === 'format' && RUNBOOK.includes(literal)),
        )
        .map(({ kind, text: literal, line }) => `${line}: ${kind} ${literal}`);
      expect(lacking).toEqual([]);
    },
  );
});
