/** The lines of the runbook's verification checklist that are no matter of the release alone, each really exercised. */
import { OperatorError, tuple } from '../errors/index.ts';
import { processes } from '../otp/index.ts';
import { ProcessViews } from '../runner/process-views.ts';
import type { Judged, Probe } from '../upgrade/index.ts';
import { probeHttp, probeStdio } from './mcp-probe.ts';
import type { NodeParts } from './node-parts.ts';
import { healthy } from './probes.ts';

const ANSWER_MS = 5_000;
/** Less than a check may take where somebody waits for it. */
const STORE_MS = 2_500;
/** So far back the log is looked at, at the most: an hour is what a watch takes. */
const LOOK_BACK_MS = 3_600_000;
/** Error lines since the switch: so many, and three times as many as in as long a time before it. */
const FEW_ERRORS = 10;
const SPIKE = 3;

export function postFlightProbes(node: NodeParts): Probe[] {
  return [
    { name: 'supervisors', limit: 'all running', run: () => supervisorsRunning(node) },
    { name: 'mnesia', limit: 'writable and readable', run: () => storesConsistent(node) },
    { name: 'transport_http', run: () => probeHttp(node.transports.mcpUrl) },
    { name: 'transport_stdio', run: () => probeStdio(node.home) },
    { name: 'registry', run: async () => registryAnswers(node) },
    { name: 'node_health', limit: 'not unhealthy', run: () => healthy(node.health) },
    { name: 'error_lines', limit: 'no spike', run: async () => errorLines(node) },
    { name: 'performance', limit: 'within 10 % of the baseline', run: async () => performanceOf(node) },
  ];
}

/** Of the host and of the runner that serves. */
async function supervisorsRunning({ fleet }: NodeParts): Promise<string> {
  const own = new ProcessViews(processes, false).supervisors();
  const theirs = (await fleet.active?.call('supervisors', {}, ANSWER_MS))?.supervisors ?? [];
  const supervisors = [...own, ...theirs].filter(({ kind }) => kind === 'supervisor');
  const bad = supervisors.find(({ status }) => status !== 'running');
  if (!bad) return `${supervisors.length} supervisors`;
  throw new OperatorError(
    tuple('supervisor_not_running', bad.name ?? bad.id),
    `The supervisor ${bad.name ?? bad.id} is ${bad.status}.`,
    'See: erlmcpctl supervisors',
  );
}

/** The stores take writes, and every declared table is there and can be read. */
async function storesConsistent({ store, tables, fleet }: NodeParts): Promise<string> {
  const [host, figures, views] = await Promise.all([
    store.figures(STORE_MS),
    tables.figures({ timeoutMs: STORE_MS }),
    fleet.active?.call('tableViews', {}, STORE_MS),
  ]);
  const stores = [{ storage: 'host', writable: host.writable }, ...figures];
  const held = stores.find(({ writable }) => !writable);
  if (held)
    throw new OperatorError(
      tuple('not_writable', held.storage),
      `No write to the store ${held.storage} got through in time.`,
      'See: erlmcpctl mnesia_status',
    );
  const bad = (views?.tables ?? []).find(({ attached, readable }) => !attached || !readable);
  if (bad)
    throw new OperatorError(
      tuple('table_not_readable', bad.name),
      `The table ${bad.name} can not be read.`,
      'See: erlmcpctl ets_tables',
    );
  return stores.map(({ storage }) => storage).join(', ');
}

/** Every process of the host that has a name is found by it. */
function registryAnswers({ registry }: NodeParts): string {
  const rows = registry.rows();
  const lost = processes
    .list()
    .find(({ name, pid }) => name !== undefined && processes.whereis(name) !== pid);
  const known = new Set(rows.map(({ name }) => name));
  const missing =
    lost?.name ?? processes.list().find(({ name }) => name !== undefined && !known.has(name))?.name;
  if (missing === undefined) return `${rows.length} rows`;
  throw new OperatorError(
    tuple('not_registered', missing),
    `The process ${missing} is not found by its name.`,
    'See: erlmcpctl registry',
  );
}

function errorLines({ logs, store }: NodeParts): string {
  const now = Date.now();
  const since = Math.max(store.active()?.since ?? now, now - LOOK_BACK_MS);
  const before = logs.errorLines(since - (now - since), since);
  const after = logs.errorLines(since, now + 1);
  const value = `${after} since the switch, ${before} in as long a time before`;
  if (after <= FEW_ERRORS + SPIKE * before) return value;
  throw new OperatorError(
    tuple('error_spike', after, before),
    `The log has ${after} error lines since the switch, and ${before} in as long a time before it.`,
    'See them with: erlmcpctl logs --level error',
  );
}

/** By the same rules as the watch. */
function performanceOf({ metrics }: NodeParts): Judged {
  const { row, reason } = metrics.report().verdict;
  if (row === 'immediate_rollback')
    throw new OperatorError(
      tuple('slower_than_baseline', reason),
      `The measurements say: ${reason}.`,
      'Compare with: erlmcpctl metrics',
    );
  if (row === 'monitor') return { status: 'passed', value: reason };
  if (row === 'investigate') return { status: 'warning', value: row, message: reason };
  return { status: 'skipped', value: row, message: reason };
}
