/** Valid answers of the methods that list what a node is made of: at least a row of each list. */
import type { ControlHandlers } from '../../src/admin/control-handlers.ts';
import type { ResultOf, Task } from '../../src/control/index.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const RUNNER = 'runner 2.1.0 (r1)';

export const processes: ResultOf<'processes'> = [
  {
    pid: '<1.5>',
    name: 'counter',
    where: RUNNER,
    kind: 'server',
    status: 'running',
    mailbox: 3,
    handled: 120,
    memory_bytes: 4096,
    current: 'call increment',
  },
  {
    pid: '<0.2.0>',
    name: 'erlmcp_sup',
    where: 'host',
    kind: 'supervisor',
    status: 'waiting',
    mailbox: 0,
    handled: 1,
    memory_bytes: null,
    current: null,
  },
];

const supervisors: ResultOf<'supervisors'> = [
  {
    id: 'erlmcp_sup',
    name: 'erlmcp_sup',
    pid: '<0.2.0>',
    where: 'host',
    depth: 0,
    kind: 'supervisor',
    restart: null,
    status: 'running',
    strategy: 'one_for_one',
    restarts: 1,
    intensity: 3,
    period_s: 5,
  },
];

const genServers: ResultOf<'gen_servers'> = [
  {
    name: 'counter',
    pid: '<1.5>',
    where: RUNNER,
    version: 1,
    supervisor: 'workspace_sup',
    status: 'waiting',
    mailbox: 0,
    handled: 120,
    answer_ms: 0.4,
    since: NOW,
  },
];

const queues: ResultOf<'queues'> = [
  { queue: 'counter', kind: 'mailbox', where: RUNNER, depth: 3, bytes: null, oldest_ms: 12 },
];

const applications: ResultOf<'applications'> = [
  {
    name: 'workspace',
    vsn: '2.1.0',
    where: RUNNER,
    state: 'started',
    type: 'permanent',
    processes: 3,
    tables: 2,
    mcp: true,
    reason: null,
    since: NOW,
  },
];

const tables: ResultOf<'ets_tables'> = [
  {
    name: 'notes',
    owner: 'workspace',
    version: 1,
    storage: 'disc',
    type: 'ordered_set',
    key: 'id',
    rows: 10,
    bytes: 8192,
    damaged: 0,
    row_versions: { 1: 10 },
    rows_looked: 10,
    settling: null,
    status: 'ok',
  },
];

const backup: ResultOf<'backups'>[number] = {
  name: 'b1',
  path: '/srv/erlmcp/backups/b1',
  created: NOW,
  tables: 1,
  rows: 10,
  bytes: 8192,
  state: 'ok',
};

const taskOf = (result: NonNullable<Task['result']>): Task => ({
  task: 't1',
  kind: result.kind,
  subject: 'all tables',
  state: 'done',
  started: NOW,
  ms: 120,
  progress: null,
  result,
  error: null,
});

const mnesia: ResultOf<'mnesia_status'> = {
  running: true,
  directory: '/srv/erlmcp/data',
  environments: [
    {
      name: 'disc',
      path: '/srv/erlmcp/data/disc',
      size_bytes: 65_536,
      used_bytes: 8192,
      readers: 2,
      last_transaction: 7,
      writer: 'free',
    },
  ],
  tables: [{ name: 'notes', version: 1, rows: 10, row_versions: null, rows_looked: null, consistent: true }],
  backups: [backup],
  flush_ms: 1.5,
};

const resources: ResultOf<'resources'> = {
  node: [{ name: 'cpu', value: 3, unit: 'percent', limit: '< 80 %', status: 'healthy' }],
  processes: [
    {
      where: 'host',
      os_pid: 4710,
      cpu_percent: 2,
      memory_bytes: 50_000_000,
      threads: 11,
      open_files: 40,
      since: NOW,
    },
  ],
};

const memory: ResultOf<'memory'> = {
  total_bytes: 50_000_000,
  limit_bytes: 1_000_000_000,
  used_percent: 5,
  processes: [
    {
      where: 'host',
      os_pid: 4710,
      anonymous_bytes: 50_000_000,
      mapped_bytes: 1000,
      heap_used_bytes: 1000,
      heap_total_bytes: 2000,
      heap_limit_bytes: 4000,
      external_bytes: 10,
    },
  ],
};

const transportStats: ResultOf<'transport_stats'> = [
  {
    name: 'http',
    state: 'open',
    connections: 1,
    connections_total: 9,
    requests: 20,
    notifications: 2,
    answers: 20,
    errors: 1,
    streams: 1,
    bytes_in: 4000,
    bytes_out: 9000,
    since: NOW,
  },
];

export const sessions: ResultOf<'sessions'> = {
  total: 1,
  searched: 1,
  rows: [
    {
      session: 'abc',
      client: 'inspector\u001b[31m',
      transport: 'http',
      protocol: '2025-11-25',
      state: 'live',
      hydrated: true,
      streams: 1,
      subscriptions: 0,
      calls_in_flight: 2,
      created: NOW,
      used: NOW,
    },
  ],
};

const releases: ResultOf<'releases'> = [
  {
    name: 'workspace',
    vsn: '2.1.0',
    status: 'permanent',
    applications: ['workspace-2.1.0'],
    package: true,
    bytes: 100_000,
    installed: NOW,
  },
];

export const contacts: ResultOf<'contacts'> = {
  contacts: [{ role: 'On-Call (Primary)', contact: '+1-555-0101' }],
  escalation: [{ severity: 'S1 - Critical', response_time: '5 minutes', path: 'On-Call' }],
};

export const viewHandlers = {
  processes: () => processes,
  supervisors: () => supervisors,
  gen_servers: () => genServers,
  queues: () => queues,
  applications: () => applications,
  resume_supervisors: () => ({
    outcome: 'nothing',
    version: '2.1.0',
    resumed: [],
    restarted: [],
    busy: [],
    silent: [],
  }),
  ets_tables: () => tables,
  mnesia_status: () => mnesia,
  verify_tables: () =>
    taskOf({
      kind: 'verify',
      tables: [{ table: 'notes', rows: 10, versions: { 1: 9 }, damaged: 1, keys: ['"a"'] }],
    }),
  settle: () => taskOf({ kind: 'settle', tables: [{ table: 'notes', looked: 10, settled: 9, left: 1 }] }),
  backup: () =>
    taskOf({ kind: 'backup', path: backup.path, bytes: 8192, tables: [{ table: 'notes', rows: 10 }] }),
  backups: () => [backup],
  restore: () =>
    taskOf({
      kind: 'restore',
      backup: backup.path,
      tables: [{ table: 'notes', rows: 10 }],
      replaced: '/srv/erlmcp/backups/b2',
    }),
  task: () => taskOf({ kind: 'settle', tables: [] }),
  resources: () => resources,
  memory: () => memory,
  transport_stats: () => transportStats,
  sessions: () => sessions,
  releases: () => releases,
  contacts: () => contacts,
} satisfies Partial<ControlHandlers>;
