/**
 * Views of the processes of a node: those of the host and those of its runners. Pids are unique in a node and print as
 * Erlang's do: `<0.12.0>` lives in the host, `<3.12.0>` began in runner r3.
 */
import { z } from 'zod';
import { Count, Millis, Time } from './values.ts';

/** `host`, or a runner: `runner 3.0.0 (r2)`. */
export const Where = z.string();

/** A runner that gives no answer within a second stands in each list as a row of its own, with this status and no figures. */
export const NO_ANSWER = 'no_answer';

export const ProcessStatus = z.enum(['running', 'waiting', 'suspended', 'moved', NO_ANSWER]);

export const ProcessRow = z.strictObject({
  /** Null only of a runner that gives no answer. */
  pid: z.string().nullable(),
  /** Registered name; null for one that has none. */
  name: z.string().nullable(),
  where: Where,
  kind: z.enum(['server', 'supervisor', 'runner']),
  status: ProcessStatus,
  /** Messages that wait; of a supervisor, restarts that wait. */
  mailbox: Count.nullable(),
  /** Messages handled so far; of a supervisor, ends of children. */
  handled: Count.nullable(),
  /** Estimate of state and mailbox; null where it is not known. */
  memory_bytes: Count.nullable(),
  /** What it is at: `call increment`, `init`, `terminate`; null at rest. */
  current: z.string().nullable(),
});

export const ProcessesResult = z.array(ProcessRow);

export const ChildRestart = z.enum(['permanent', 'transient', 'temporary']);

/** Supervisors and their children in tree order; `depth` 0 is a root. */
export const SupervisorRow = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  pid: z.string().nullable(),
  where: Where,
  depth: Count,
  kind: z.enum(['supervisor', 'worker', 'runner']),
  /** Of a child of a supervisor. */
  restart: ChildRestart.nullable(),
  status: z.enum(['running', 'suspended', 'restarting', 'terminated', 'moved', NO_ANSWER]),
  /** The rest only of supervisors. */
  strategy: z.enum(['one_for_one', 'one_for_all', 'rest_for_one', 'simple_one_for_one']).nullable(),
  /** Within `period_s`; one more than `intensity` ends the supervisor. */
  restarts: Count.nullable(),
  intensity: Count.nullable(),
  period_s: z.number().positive().nullable(),
});

export const SupervisorsResult = z.array(SupervisorRow);

export const GenServerRow = z.strictObject({
  name: z.string().nullable(),
  pid: z.string().nullable(),
  where: Where,
  /** Of the shape of its state. */
  version: Count.nullable(),
  supervisor: z.string().nullable(),
  status: ProcessStatus,
  mailbox: Count.nullable(),
  handled: Count.nullable(),
  /** Time in which it answered a system message; null: not within a second, as one that is suspended or at work. */
  answer_ms: Millis.nullable(),
  since: Time.nullable(),
});

export const GenServersResult = z.array(GenServerRow);

export const QueuesParams = z.strictObject({
  /** Also those in which nothing waits. */
  all: z.boolean().optional(),
});

/** What waits in the node, deepest first. */
export const QueueRow = z.strictObject({
  /** Of a mailbox the process; `held_requests`; `in_flight`; `to_runner` and `to_host` of a wire; of a runner, `no_answer`. */
  queue: z.string(),
  kind: z.enum(['mailbox', 'held', 'in_flight', 'wire', 'runner']),
  where: Where,
  /** Messages or requests; null of a wire, and where it is not known. */
  depth: Count.nullable(),
  /** Of a wire: bytes that the other side has not taken. */
  bytes: Count.nullable(),
  /** How long the oldest has waited, where that is known. */
  oldest_ms: Millis.nullable(),
});

export const QueuesResult = z.array(QueueRow);

export const ApplicationRow = z.strictObject({
  name: z.string(),
  /** Null where the runner gives no answer; so are type and figures. */
  vsn: z.string().nullable(),
  where: Where,
  state: z.enum(['loaded', 'starting', 'started', 'suspended', 'stopping', 'stopped', 'failed', NO_ANSWER]),
  type: ChildRestart.nullable(),
  processes: Count.nullable(),
  tables: Count.nullable(),
  /** Whether it answers the MCP clients. */
  mcp: z.boolean().nullable(),
  /** Why it is not started. */
  reason: z.string().nullable(),
  since: Time.nullable(),
});

export const ApplicationsResult = z.array(ApplicationRow);

export const RestartKind = z.enum(['transport', 'process', 'application']);

/** A transport, a process by name or pid, or an application; `kind` where a name is that of several. */
export const RestartParams = z.strictObject({
  name: z.string().min(1).max(256),
  kind: RestartKind.optional(),
});

export const RestartResult = z.strictObject({
  name: z.string(),
  kind: RestartKind,
  where: Where,
  /** Of a process or application (its top supervisor), the new one. */
  pid: z.string().nullable(),
  /** Of a transport. */
  address: z.string().nullable(),
  /** Of a transport. */
  sessions_kept: Count.nullable(),
});

/**
 * `aborted`: an upgrade was before its commit point, is taken back and exits 1. `completed`: it was after it, and its
 * servers have been resumed. `resumed`: no upgrade ran, and processes that had been left suspended go on.
 * `nothing`: none was suspended.
 */
export const ResumeSupervisorsResult = z.strictObject({
  outcome: z.enum(['aborted', 'completed', 'resumed', 'nothing']),
  /** Of the release that serves. */
  version: z.string(),
  /** Processes that were suspended and take messages now. */
  resumed: z.array(z.string()),
  /** Servers that hung in their `resumed` hook and were started anew, as after a crash. */
  restarted: z.array(z.string()),
  /** Servers that are in a hook or a message still, and take messages only when that has ended. */
  busy: z.array(z.string()),
  /** Runners that gave no answer: what is suspended there still is. */
  silent: z.array(Where),
});
