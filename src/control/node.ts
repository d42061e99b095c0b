/** Methods on the node as a whole, its transports and who is connected. */
import { z } from 'zod';
import { Count, OsPid, Seconds, Time, Version } from './values.ts';

export const VersionResult = z.strictObject({
  release: Version,
  host: z.string(),
  /** Of Node.js. */
  node: z.string(),
  /** Of the protocol between host and runner. */
  wire: z.int(),
  store: z.int(),
});

export const UptimeResult = z.strictObject({ uptime_s: Seconds, started_at: Time, pid: OsPid });

export const TransportName = z.enum(['http', 'stdio']);

export const Transport = z.strictObject({
  name: TransportName,
  state: z.enum(['open', 'opening', 'closing', 'closed', 'failed']),
  /** `127.0.0.1:8080`, or a socket's path. Null when it is not open. */
  address: z.string().nullable(),
  connections: Count,
  sessions: Count,
  since: Time,
});

export const TransportsResult = z.array(Transport);

export const RegistryRow = z.strictObject({
  name: z.string(),
  kind: z.enum(['process', 'transport', 'application']),
  /** `host`, or the runner: `runner 3.0.0`. */
  where: z.string(),
  /** Of the operating system or of the process table, whichever the row has. */
  pid: z.union([OsPid, z.string()]).nullable(),
  since: Time,
});

export const RegistryResult = z.array(RegistryRow);

/** The node has begun to stop, and is gone in `deadline_s` at the latest. */
export const StopResult = z.strictObject({ pid: OsPid, deadline_s: Seconds });
