/** What the smoke test of a rehearsal asks of the runner besides what it asks of any. */
import { tuple } from '../../errors/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { Surface } from '../../wire/index.ts';
import { refuse } from '../failure.ts';
import type { Judged, Probe } from '../types.ts';

const ANSWER_MS = 5_000;
/** Of all lists of a server. */
const LISTS_MS = 30_000;
const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;

export interface Excuses {
  /** Lists that the version which serves answers with an error, too. */
  unread: Surface['unread'];
  /** Servers that take no messages in a rehearsal. */
  silent: readonly string[];
}

export const rehearsalProbes = (runner: RunnerProcess, excuses: Excuses): Probe[] => [
  { name: 'supervisors', limit: 'all running', run: () => supervisorsRunning(runner) },
  { name: 'mnesia', limit: 'readable', run: () => tablesReadable(runner) },
  { name: 'mcp', run: () => mcpAnswers(runner, excuses) },
];

async function supervisorsRunning(runner: RunnerProcess): Promise<string> {
  const { supervisors } = await runner.call('supervisors', {}, ANSWER_MS);
  const own = supervisors.filter(({ kind }) => kind === 'supervisor');
  const bad = own.find(({ status }) => status !== 'running');
  if (!bad) return `${own.length} supervisors`;
  const name = bad.name ?? bad.id;
  throw refuse(
    tuple('supervisor_not_running', name),
    `The supervisor ${name} is ${bad.status}.`,
    'Mend the release.',
  );
}

async function tablesReadable(runner: RunnerProcess): Promise<string> {
  const { tables } = await runner.call('tableViews', {}, ANSWER_MS);
  const bad = tables.find(({ attached, readable }) => !attached || !readable);
  if (!bad) return `${tables.length} tables`;
  throw refuse(
    tuple('table_not_readable', bad.name),
    `The table ${bad.name} can not be read.`,
    'Mend the release.',
  );
}

/** The lists on inner channels of both eras, and the examples that the release gives of its read-only tools. */
async function mcpAnswers(runner: RunnerProcess, excuses: Excuses): Promise<Judged> {
  const surface = await runner.call('surface', {}, LISTS_MS);
  const { examples } = await runner.call('warm', { rounds: 1 }, LISTS_MS);
  const value = `${surface.tools.length} tools, ${surface.prompts.length} prompts, ${surface.resources.length} resources`;
  const unread = LISTS.filter((list) => surface.unread?.[list] !== undefined);
  const said = unread.map((list) => `${list} not listed: ${surface.unread?.[list]}`);
  const failed = examples.filter(({ problem }) => problem !== undefined);
  const all = [...said, ...failed.map(({ tool, problem }) => `example of ${tool}: ${problem}`)];
  if (all.length === 0) return { status: 'passed', value };
  if (unread.some((list) => !isExcused(list, excuses)))
    throw refuse(
      tuple('not_listed', unread),
      `The server does not list all: ${said.join('; ')}.`,
      'Mend the release.',
    );
  return { status: 'warning', value, message: all.join('; ') };
}

const isExcused = (list: (typeof LISTS)[number], { unread, silent }: Excuses): boolean =>
  silent.length > 0 || unread?.[list] !== undefined;
