/**
 * `npm run runbook [-- --only <title>]`: executes docs/RUNBOOK.md in a home of its own, and exits 1 with file, line, command and output
 * at the first thing that is not as the document says.
 */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseRunbook, type Section } from './document.ts';
import { RunbookFailure } from './failure.ts';
import { PROJECT, Practice } from './practice.ts';
import { reportLines } from './report.ts';
import { runSections } from './run.ts';

const HELP = `Usage: npm run runbook -- [options]

Executes every command of docs/RUNBOOK.md, in order, against a node of its own.
  --only <text>      only the sections whose title contains the text, after the one that starts the node
  --document <file>  another document
  --limit <seconds>  longest time of one command, default 120
`;

/** Generous: a busy machine is no reason to fail. */
const DEFAULT_LIMIT_S = 120;

interface Options {
  only: string | undefined;
  document: string;
  limitMs: number;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      document: { type: 'string', default: join(PROJECT, 'docs/RUNBOOK.md') },
      limit: { type: 'string', default: String(DEFAULT_LIMIT_S) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const limit = Number(values.limit);
  if (!(limit > 0)) throw new TypeError(`--limit ${values.limit} is no number of seconds`);
  if (values.help) return undefined;
  return { only: values.only, document: resolve(values.document), limitMs: limit * 1000 };
}

/** The section that starts the node, without which there is nothing to practise on. */
const START = 'A node to practise on';

function selected(sections: readonly Section[], only: string | undefined): readonly Section[] {
  if (only === undefined) return sections;
  const chosen = sections.filter(({ title }) => title.includes(only));
  if (chosen.length === 0) throw new TypeError(`no section has "${only}" in its title`);
  return sections.filter((section) => section.title === START || chosen.includes(section));
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

async function execute({ only, document, limitMs }: Options): Promise<void> {
  const name = nameOf(document);
  const sections = selected(parseRunbook(readFileSync(document, 'utf8')), only);
  const practice = await Practice.open();
  closeOnSignal(practice);
  try {
    const times = await runSections(sections, {
      folder: practice.root,
      cwd: PROJECT,
      env: practice.env,
      limitMs,
      onSection: ({ title }) => say(`\n${title || name}`),
      onCommand: ({ text, line }, ms) =>
        say(`  ${name}:${line}  ${(ms / 1000).toFixed(1).padStart(5)} s  ${text.split('\n')[0]}`),
      onShell: (shell) => practice.owns(shell),
    });
    say(['', ...reportLines(times), '', 'The runbook is true.'].join('\n'));
  } finally {
    await practice.close();
  }
}

const nameOf = (document: string): string => relative(process.cwd(), document);

function closeOnSignal(practice: Practice): void {
  const close = (): void => void practice.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
}

function tell(error: unknown, document: string | undefined): string {
  if (error instanceof RunbookFailure) return `${nameOf(document ?? '')}:${error.line}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

let options: Options | undefined;
try {
  options = readOptions();
  if (options) await execute(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`\n${tell(error, options?.document)}\n`);
  process.exitCode = 1;
}
