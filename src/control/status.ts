import { z } from 'zod';
import { Task } from './tasks.ts';
import { Phase, UpgradeStatus } from './upgrade.ts';
import { Count, Millis, OsPid, Seconds, Version } from './values.ts';
import { Watch } from './watch.ts';

export const RunnerRole = z.enum(['active', 'lingering', 'parked', 'warm', 'worker']);

export const Runner = z.strictObject({
  pid: OsPid,
  version: Version,
  role: RunnerRole,
  /** What it does now, in a word: starting, ready, suspended … */
  state: z.string(),
});

export const LingeringCall = z.strictObject({
  /** Null for a call of the 2026 era, which has no session. */
  session: z.string().nullable(),
  tool: z.string(),
  /** For how long it has run. */
  since_ms: Millis,
  /** Pid of the runner that it is on. */
  runner: OsPid,
});

export const StatusResult = z.strictObject({
  node: z.strictObject({ name: z.string(), home: z.string(), pid: OsPid, uptime_s: Seconds }),
  versions: z.strictObject({ host: z.string(), release: Version }),
  /** The phase that an upgrade is in now. */
  phase: Phase.nullable(),
  /** How far the check of the rows is, while it is at it. */
  progress: z.string().nullable(),
  upgrade: UpgradeStatus,
  watch: Watch,
  lingering: z.array(LingeringCall),
  runners: z.array(Runner),
  sessions: z.strictObject({
    total: Count,
    /** Of these, how many have an open stream. */
    with_stream: Count,
    /** Of these, how many have a server instance in a runner. */
    hydrated: Count,
    calls_in_flight: Count,
  }),
  /** Work on whole tables that is under way. */
  tasks: z.array(Task),
  /** A sentence for the operator. */
  next_step: z.string(),
});
