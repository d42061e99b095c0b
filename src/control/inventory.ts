/** What the node keeps: sessions and releases. */
import { z } from 'zod';
import { Count, Time, Version } from './values.ts';

/** The last used first. `limit`: at most so many rows, default 100. */
export const SessionsParams = z.strictObject({
  limit: z.int().min(1).max(1_000).optional(),
  state: z.enum(['live', 'rest']).optional(),
  transport: z.enum(['http', 'stdio']).optional(),
});

export const SessionRow = z.strictObject({
  session: z.string(),
  client: z.string().nullable(),
  transport: z.enum(['http', 'stdio']),
  /** MCP revision. */
  protocol: z.string(),
  /** `live`: in memory. `rest`: a record, until its next request. */
  state: z.enum(['live', 'rest']),
  /** Whether it has an instance in a runner. */
  hydrated: z.boolean(),
  /** Open ones, and those whose client may still come back: a minute. */
  streams: Count,
  subscriptions: Count,
  calls_in_flight: Count,
  created: Time,
  used: Time,
});

export const SessionsResult = z.strictObject({
  /** All there are. */
  total: Count,
  /** How many were looked at; where that is less than the total, and there are fewer rows than the limit, older ones may match. */
  searched: Count,
  rows: z.array(SessionRow),
});

/**
 * As OTP's RELEASES. `unpacked`: installed, never run or rolled back. `current`: runs, within its watch. `permanent`: what
 * runs once its watch is over; within a watch, the version to go back to. `old`: ran before. And `damaged`: a file is not what was
 * installed, so it can't be started.
 */
export const ReleaseRow = z.strictObject({
  /** Null where its manifest can't be read. */
  name: z.string().nullable(),
  vsn: Version,
  status: z.enum(['unpacked', 'current', 'permanent', 'old', 'damaged']),
  /** `workspace-3.0.0`. */
  applications: z.array(z.string()),
  /** Whether its package is in packages/ too. */
  package: z.boolean(),
  /** Of its files. */
  bytes: Count,
  installed: Time,
});

export const ReleasesResult = z.array(ReleaseRow);
