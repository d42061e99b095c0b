/** One valid result of every method, and handlers that give them. */
import type { ControlHandlers } from '../../src/admin/control-handlers.ts';
import type { ResultOf } from '../../src/control/index.ts';
import { viewHandlers } from './view-samples.ts';

export const NOW = '2026-03-01T10:00:00.000Z';

export const watch: ResultOf<'status'>['watch'] = {
  active: false,
  remaining_s: 0,
  verdict: null,
  ended: null,
};

export const upgradeStatus: ResultOf<'get_upgrade_status'> = {
  status: 'idle',
  current_version: '2.1.0',
  target_version: null,
  phases_completed: [],
  phases_total: 8,
  start_time: null,
  error_reason: null,
};

export const status: ResultOf<'status'> = {
  node: { name: 'erlmcp@test', home: '/srv/erlmcp', pid: process.pid, uptime_s: 7380 },
  versions: { host: '0.1.0', release: '2.1.0' },
  phase: null,
  progress: null,
  upgrade: upgradeStatus,
  watch: { active: true, remaining_s: 3598, verdict: 'monitor', ended: null },
  lingering: [{ session: 'abc', tool: 'sleep', since_ms: 4200, runner: 4712 }],
  runners: [
    { pid: 4711, version: '2.1.0', role: 'active', state: 'ready' },
    { pid: 4712, version: '2.0.0', role: 'lingering', state: 'ready' },
  ],
  sessions: { total: 25, with_stream: 20, hydrated: 21, calls_in_flight: 1 },
  tasks: [],
  next_step: 'Wait for the watch to end.',
};

export const health: ResultOf<'health'> = {
  status: 'healthy',
  score: 100,
  checks: [
    { name: 'memory', status: 'healthy', value: 42, limit: 90, message: 'per cent' },
    { name: 'runner', status: 'healthy', value: true, limit: null },
  ],
  timestamp: NOW,
};

export const transport: ResultOf<'transports'>[number] = {
  name: 'http',
  state: 'open',
  address: '127.0.0.1:8080',
  connections: 12,
  sessions: 20,
  since: NOW,
};

export const metrics: ResultOf<'metrics'> = {
  baseline: { version: '2.1.0', frozen_at: NOW, window_s: 600 },
  now: { version: '3.0.0', since: NOW, window_s: 300 },
  tools: [
    {
      tool: 'note_add',
      baseline: { calls: 1000, errors: 1, p50_ms: 1.5, p99_ms: 9, rate: 50 },
      now: { calls: 500, errors: 0, p50_ms: 1.8, p99_ms: 10.8, rate: 48 },
      change: { p50_pct: 20, p99_pct: 20, rate_pct: -4, errors_pct: -100 },
      verdict: 'investigate',
    },
    {
      tool: 'note_search',
      baseline: null,
      now: { calls: 3, errors: 0, p50_ms: 2, p99_ms: 3, rate: 0.1 },
      change: null,
      verdict: 'not_enough_data',
    },
  ],
  total: {
    baseline: { calls: 1000, errors: 1, p50_ms: 1.5, p99_ms: 9, rate: 50 },
    now: { calls: 503, errors: 0, p50_ms: 1.9, p99_ms: 10.9, rate: 48.1 },
    change: { p50_pct: 26.6, p99_pct: 21.1, rate_pct: -3.8, errors_pct: -100 },
    verdict: 'monitor',
  },
  verdict: { row: 'investigate', reason: 'p99 of note_add 9 ms, now 10.8 ms' },
};

export const start: ResultOf<'upgrade'> = {
  operation: 'op-1',
  kind: 'upgrade',
  state: 'started',
  current_version: '2.1.0',
  target_version: '3.0.0',
  deadline_s: 300,
};

export const result: ResultOf<'upgrade_follow'> = {
  operation: 'op-1',
  kind: 'upgrade',
  outcome: 'completed',
  from_version: '2.1.0',
  target_version: '3.0.0',
  current_version: '3.0.0',
  phases_completed: [{ phase: 'pre_flight_checks', ms: 120 }],
  phases_total: 8,
  failed_phase: null,
  start_time: NOW,
  ms: 1234,
  error: null,
  findings: [],
  watch: { active: true, remaining_s: 3600, verdict: 'not_enough_data', ended: null },
  emergency: null,
};

const upgrades: ResultOf<'upgrades'> = [
  {
    id: 1,
    kind: 'upgrade',
    from_version: '2.1.0',
    target_version: '3.0.0',
    started: NOW,
    ms: 1234,
    phases: [{ phase: 'pre_flight_checks', ms: 120 }],
    outcome: 'completed',
    watch: 'accepted',
    verdict: 'monitor',
    by: 'eva@host',
    why: 'CHANGE-17',
    reason: null,
  },
];

export function fakeHandlers(overrides: Partial<ControlHandlers> = {}): ControlHandlers {
  return {
    status: () => status,
    health: () => health,
    version: () => ({ release: '2.1.0', host: '0.1.0', node: '24.21.0', wire: 1, store: 1 }),
    uptime: () => ({ uptime_s: 7380, started_at: NOW, pid: 4710 }),
    metrics: () => metrics,
    upgrade: () => start,
    downgrade: () => ({ ...start, kind: 'downgrade', current_version: '3.0.0', target_version: '2.1.0' }),
    upgrade_follow: () => result,
    accept: () => ({ version: '3.0.0', remaining_s: 3540 }),
    cancel: () => ({ version: '2.1.0', target_version: '3.0.0' }),
    upgrades: () => upgrades,
    drain: () => ({ state: 'drained', in_flight: 0, held: 2, remaining_s: 9 }),
    get_upgrade_status: () => upgradeStatus,
    get_system_health: () => health,
    transports: () => [transport, { ...transport, name: 'stdio', state: 'failed', address: null }],
    restart: ({ name }) => ({
      name,
      kind: 'transport',
      where: 'host',
      pid: null,
      address: '127.0.0.1:8080',
      sessions_kept: 20,
    }),
    registry: () => [
      { name: 'counter', kind: 'process', where: 'runner 2.1.0', pid: '<1.5>', since: NOW },
      { name: 'http', kind: 'transport', where: 'host', pid: 4710, since: NOW },
    ],
    ...viewHandlers,
    eval: ({ expression }) => ({ text: expression, language: 'erlang', value: null }),
    console_open: () => ({ name: 'erlmcp@test', release: '2.1.0' }),
    console_complete: () => ({ completions: [], prefix: '' }),
    stop: () => ({ pid: process.pid, deadline_s: 5 }),
    ...overrides,
  };
}
