/**
 * Each column that a command of erlmcpctl draws, command by command. `test/ctl/columns.test.ts` holds this list against what is drawn;
 * the test that is named changes the cause of a column and sees its value change.
 */
import type { LaterIssue, Requirement } from './requirements.ts';

/** `P50 MS` → `p50_ms` */
type SnakeCase<Head extends string> = Head extends `${infer First} ${infer Rest}`
  ? `${Lowercase<First>}_${SnakeCase<Rest>}`
  : Lowercase<Head>;

type Done = { test: string } | { issue: LaterIssue };

export const columnId = (command: string, head: string): string =>
  `column.${command}.${head.toLowerCase().replaceAll(' ', '_')}`;

/** `column.<command>.<head>` for each head; `cites('column.transports.name')` in the test gives `TRANSPORTS NAME`. */
function columns<Command extends string, Head extends string>(
  command: Command,
  done: Done,
  ...heads: readonly Head[]
): Record<`column.${Command}.${SnakeCase<Head>}`, Requirement> {
  const entries = heads.map((head) => [
    columnId(command, head),
    { kind: 'column', text: `${command.toUpperCase()} ${head}`, ...done },
  ]);
  return Object.fromEntries(entries);
}

const BASIC = { test: 'node/columns-basic.test.ts' };
const TABLES = { test: 'node/table-views.test.ts' };
const HISTORY = { test: 'node/history.test.ts' };
const TASKS = { test: 'node/table-tasks.test.ts' };
const MACHINE = { test: 'node/machine-views.test.ts' };
const PROCESSES = { test: 'node/process-views.test.ts' };
const QUEUES = { test: 'node/process-views-queues.test.ts' };
const APPLICATIONS = { test: 'node/process-views-applications.test.ts' };
const TRANSPORT_STATS = { test: 'node/transport-stats-views.test.ts' };
const INVENTORY = { test: 'node/inventory-views.test.ts' };

export const COLUMN_REQUIREMENTS = {
  ...columns('status', BASIC, 'RUNNER', 'VERSION', 'ROLE', 'STATE'),
  ...columns('status', BASIC, 'LINGERING CALL', 'SESSION', 'RUNS FOR', 'ON RUNNER'),
  ...columns('health', BASIC, 'CHECK', 'STATUS', 'VALUE', 'LIMIT', 'MESSAGE'),
  ...columns('metrics', BASIC, 'TOOL', 'WHEN', 'CALLS', 'ERRORS', 'P50 MS', 'P99 MS', 'RATE', 'VERDICT'),
  ...columns('transports', BASIC, 'NAME', 'STATE', 'ADDRESS', 'CONNECTIONS', 'SESSIONS', 'SINCE'),
  ...columns('registry', BASIC, 'NAME', 'KIND', 'WHERE', 'PID', 'SINCE'),
  ...columns('contacts', BASIC, 'ROLE', 'CONTACT', 'SEVERITY', 'RESPONSE TIME', 'ESCALATION PATH'),
  ...columns('stop', BASIC, 'CLIENT', 'SESSION', 'TRANSPORT', 'PROTOCOL', 'STREAMS', 'CALLS', 'USED'),
  ...columns('upgrade', BASIC, 'CHECK', 'STATUS', 'VALUE', 'LIMIT', 'MESSAGE'),
  ...columns('upgrades', HISTORY, 'ID', 'STARTED', 'KIND', 'FROM', 'TO', 'TOOK', 'LONGEST PHASE'),
  ...columns('upgrades', HISTORY, 'OUTCOME', 'WATCH', 'VERDICT', 'BY', 'WHY', 'REASON'),
  ...columns('ets_tables', TABLES, 'NAME', 'OWNER', 'VERSION', 'STORAGE', 'TYPE'),
  ...columns('ets_tables', TABLES, 'ROWS', 'BYTES', 'DAMAGED', 'STATUS'),
  ...columns('ets_tables', TASKS, 'ROW VERSIONS', 'SETTLING'),
  ...columns('ets_tables', TASKS, 'TABLE', 'READ', 'BY VERSION', 'FAILED', 'FIRST FAILED KEYS'),
  ...columns('backups', TASKS, 'BACKUP', 'CREATED', 'TABLES', 'ROWS', 'SIZE', 'STATE'),
  ...columns(
    'mnesia_status',
    TABLES,
    'STORE',
    'WRITER',
    'SIZE',
    'USED',
    'READERS',
    'LAST TRANSACTION',
    'PATH',
  ),
  ...columns('mnesia_status', TABLES, 'TABLE', 'VERSION', 'ROWS', 'ROW VERSIONS', 'CONSISTENT'),
  ...columns('mnesia_status', TABLES, 'BACKUP', 'CREATED', 'COPIED', 'STATE'),
  ...columns('processes', PROCESSES, 'PID', 'NAME', 'WHERE', 'KIND', 'STATUS'),
  ...columns('processes', PROCESSES, 'MAILBOX', 'HANDLED', 'MEMORY', 'CURRENT'),
  ...columns('supervisors', PROCESSES, 'SUPERVISOR', 'PID', 'WHERE', 'KIND', 'RESTART'),
  ...columns('supervisors', PROCESSES, 'STATUS', 'STRATEGY', 'RESTARTS'),
  ...columns('gen_servers', PROCESSES, 'NAME', 'PID', 'WHERE', 'VERSION', 'SUPERVISOR'),
  ...columns('gen_servers', PROCESSES, 'STATUS', 'MAILBOX', 'HANDLED', 'ANSWER MS', 'SINCE'),
  ...columns('queues', QUEUES, 'QUEUE', 'KIND', 'WHERE', 'DEPTH', 'BYTES', 'OLDEST'),
  ...columns('applications', APPLICATIONS, 'NAME', 'VSN', 'WHERE', 'STATE', 'TYPE'),
  ...columns('applications', APPLICATIONS, 'PROCESSES', 'TABLES', 'MCP', 'SINCE', 'REASON'),
  ...columns('resources', MACHINE, 'RESOURCE', 'STATUS', 'VALUE', 'LIMIT'),
  ...columns('resources', MACHINE, 'WHERE', 'PID', 'CPU', 'MEMORY', 'THREADS', 'OPEN FILES', 'SINCE'),
  ...columns('memory', MACHINE, 'WHERE', 'PID', 'ANONYMOUS', 'MAPPED'),
  ...columns('memory', MACHINE, 'HEAP USED', 'HEAP TOTAL', 'HEAP LIMIT', 'EXTERNAL'),
  ...columns('transport_stats', TRANSPORT_STATS, 'NAME', 'STATE', 'CONNECTIONS', 'CONNECTIONS TOTAL'),
  ...columns('transport_stats', TRANSPORT_STATS, 'REQUESTS', 'NOTIFICATIONS', 'ANSWERS', 'ERRORS', 'STREAMS'),
  ...columns('transport_stats', TRANSPORT_STATS, 'BYTES IN', 'BYTES OUT', 'SINCE'),
  ...columns('sessions', INVENTORY, 'SESSION', 'CLIENT', 'TRANSPORT', 'PROTOCOL', 'STATE', 'HYDRATED'),
  ...columns('sessions', INVENTORY, 'STREAMS', 'SUBSCRIPTIONS', 'CALLS', 'CREATED', 'USED'),
  ...columns('releases', INVENTORY, 'NAME', 'VSN', 'STATUS', 'APPLICATIONS', 'PACKAGE', 'SIZE', 'INSTALLED'),
};
