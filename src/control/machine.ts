/** What the node's processes use of the machine, and what its transports carry. Sizes are in bytes. */
import { z } from 'zod';
import { Count, OsPid, Time } from './values.ts';

export const ProcessResources = z.strictObject({
  /** `host`, or a runner: `runner 3.0.0 (r2)`. */
  where: z.string(),
  os_pid: OsPid,
  /** Share of one processor over the last seconds; null for one that has just started. */
  cpu_percent: z.number().nonnegative().nullable(),
  /** Of its own, as in `memory`. */
  memory_bytes: Count,
  threads: Count.nullable(),
  open_files: Count.nullable(),
  since: Time,
});

/**
 * `cpu`: of all processors, by the node's processes. `memory`: of the machine or its control group, by all that run there. `event_loop_lag`: of
 * the host, 99th percentile of the last window (`metrics.window_s`). `open_files`: of the host. A value is null where it is not known, or not yet.
 */
export const ResourceRow = z.strictObject({
  name: z.enum(['cpu', 'memory', 'event_loop_lag', 'disk_free', 'memory_free', 'open_files']),
  value: z.number().nullable(),
  unit: z.enum(['percent', 'bytes', 'ms', 'count']),
  /** Of the runbook or of the machine: `< 80 %`, `>= 100 MB`; null where there is none. */
  limit: z.string().nullable(),
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
});

export const ResourcesResult = z.strictObject({
  node: z.array(ResourceRow),
  processes: z.array(ProcessResources),
});

export const MemoryRow = z.strictObject({
  where: z.string(),
  os_pid: OsPid,
  /** Memory of its own: what the watch judges. Elsewhere than on Linux, of other processes, all that is resident. */
  anonymous_bytes: Count,
  /** Pages of files that are in memory: the tables' memory map and the program. Shared, and no leak. */
  mapped_bytes: Count.nullable(),
  /** As V8 counts; null for a runner that does not answer within a second, as one that is parked. */
  heap_used_bytes: Count.nullable(),
  heap_total_bytes: Count.nullable(),
  heap_limit_bytes: Count.nullable(),
  external_bytes: Count.nullable(),
});

export const MemoryResult = z.strictObject({
  /** Anonymous memory of all processes. */
  total_bytes: Count,
  /** What the machine, or the container, gives at most. */
  limit_bytes: Count,
  /** The total, of the limit. */
  used_percent: z.number().nonnegative(),
  processes: z.array(MemoryRow),
});

/** Counted since the transport was first opened in this life of the host, also over its restarts. */
export const TransportStats = z.strictObject({
  name: z.enum(['http', 'stdio']),
  state: z.enum(['open', 'opening', 'closing', 'closed', 'failed']),
  /** Open now. */
  connections: Count,
  connections_total: Count,
  /** JSON-RPC requests that were taken. */
  requests: Count,
  /** Notifications, and clients' answers to requests of the server. */
  notifications: Count,
  /** To requests; of HTTP also refusals. */
  answers: Count,
  /** Of the answers, those that are JSON-RPC errors or HTTP refusals. */
  errors: Count,
  /** Open event streams; null where a connection is all the stream there is. */
  streams: Count.nullable(),
  /** On the sockets, heads and framing included. */
  bytes_in: Count,
  bytes_out: Count,
  since: Time,
});

export const TransportStatsResult = z.array(TransportStats);
