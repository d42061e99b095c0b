/** `applications`: those of the runners, and the host as one of its own, `erlmcp`. */
import type { ApplicationRow } from '../../control/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { ApplicationView, ProcessView } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { askRunners } from './processes-ask.ts';

export const HOST_APPLICATION = 'erlmcp';

/** `erlmcp_registry`: the one table that the host keeps. */
const HOST_TABLES = 1;

export async function applications(node: NodeParts, own: readonly ProcessView[]): Promise<ApplicationRow[]> {
  const answers = await askRunners(node.fleet, 'applications', {});
  return [
    hostRow(node, own),
    ...answers.flatMap(({ runner, answer }) =>
      answer ? answer.applications.map((view) => applicationRow(runner.where, view)) : silent(runner),
    ),
  ];
}

const hostRow = (node: NodeParts, own: readonly ProcessView[]): ApplicationRow => ({
  name: HOST_APPLICATION,
  vsn: node.hostVersion,
  where: 'host',
  state: node.ready ? 'started' : 'starting',
  type: 'permanent',
  processes: own.length,
  tables: HOST_TABLES,
  mcp: false,
  reason: null,
  since: node.startedAt.toISOString(),
});

const applicationRow = (where: string, { since, ...view }: ApplicationView): ApplicationRow => ({
  ...view,
  where,
  since: since === null ? null : new Date(since).toISOString(),
});

/** What such a runner has declared is known, and no more. */
const silent = (runner: RunnerProcess): ApplicationRow[] =>
  runner.declaration.applications.map((name) => ({
    name,
    vsn: null,
    where: runner.where,
    state: 'no_answer',
    type: null,
    processes: null,
    tables: null,
    mcp: null,
    reason: null,
    since: null,
  }));
