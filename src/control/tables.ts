/** Views of the tables: `ets_tables` lists those that are in use, `mnesia_status` the stores that keep them. */
import { z } from 'zod';
import { Count, Millis, Time } from './values.ts';

export const Storage = z.enum(['ram', 'disc']);

/** `name`: only this table; one that does not exist is an error. */
export const EtsTablesParams = z.strictObject({ name: z.string().min(1).max(256).optional() });

/**
 * - `ok`: its first and last row could be read, and a write to its storage succeeded, just now.
 * - `damaged`: a row failed its checksum, or can't be read.
 * - `missing`: the running release declares it, and the store has it not.
 * - `not_writable`: no write to its storage succeeded in time.
 * - `unused`: stored by a release that ran before; the running one does not declare it.
 * - `no_answer`: the runner did not say in time what it declares; sizes are true.
 */
export const TableStatus = z.enum(['ok', 'damaged', 'missing', 'not_writable', 'unused', 'no_answer']);

export const TableRow = z.strictObject({
  name: z.string(),
  /** Application, or `erlmcp` for the node's own; null where no release that runs declares it. */
  owner: z.string().nullable(),
  /** In which the running release reads and writes it. */
  version: Count.nullable(),
  storage: Storage,
  type: z.enum(['set', 'ordered_set']).nullable(),
  /** Field of a row that is its key. */
  key: z.string().nullable(),
  /** Null where the table could not be opened in time, because another process holds the writer lock. */
  rows: Count.nullable(),
  /** Of its pages in the store. */
  bytes: Count.nullable(),
  /**
   * Rows whose checksum failed as the process that serves it read them, since that process started; at most 1,000 are told apart. Or
   * as the last look at every row found them, where these were more.
   */
  damaged: Count,
  /** Rows by the version that wrote them, `0` for damaged ones; null where the table could not be read in time. */
  row_versions: z.record(z.string(), Count).nullable(),
  /** Rows looked at for that: all of a table of up to 1,000, else as many from the beginning as from the end. */
  rows_looked: Count.nullable(),
  /** Rows that settling has come to in this table, while it is at it. */
  settling: Count.nullable(),
  status: TableStatus,
});

export const EtsTablesResult = z.array(TableRow);

/** `row_versions`: look at up to 10,000 rows of each table for the versions that wrote them. */
export const MnesiaStatusParams = z.strictObject({ row_versions: z.boolean().optional() });

export const StoreEnvironment = z.strictObject({
  /** `host`: sessions, events, journal and the active release. `disc` and `ram`: the tables. */
  name: z.enum(['host', 'disc', 'ram']),
  path: z.string(),
  /** Of the file. */
  size_bytes: Count,
  /** Of its pages in use; the rest is free for what is written next. */
  used_bytes: Count,
  /** Processes that have it open and have read it. */
  readers: Count,
  last_transaction: Count,
  /** `busy`: the writer lock was not to be had in time. */
  writer: z.enum(['free', 'busy']),
});

export const DiscTable = z.strictObject({
  name: z.string(),
  /** As in `ets_tables`. */
  version: Count.nullable(),
  rows: Count.nullable(),
  /** Rows by the version that wrote them, `0` for damaged ones; null unless asked for. */
  row_versions: z.record(z.string(), Count).nullable(),
  /** Rows looked at for that: all, or as many from the beginning as from the end. */
  rows_looked: Count.nullable(),
  /** Whether its status in `ets_tables` is `ok` or `unused`; null where that is not known. */
  consistent: z.boolean().nullable(),
});

/**
 * `ok`: its files are those of its manifest, which were verified when it was made. `damaged`: one is missing, or its size or sum is another.
 * `unchecked`: too large to be summed for a status; a restore does it, and `sha256sum -c data.mdb.sha256` in its folder `disc`.
 */
export const BackupState = z.enum(['ok', 'damaged', 'unchecked']);

export const Backup = z.strictObject({
  name: z.string(),
  path: z.string(),
  created: Time,
  /** By its manifest; null where that can't be read. */
  tables: Count.nullable(),
  rows: Count.nullable(),
  bytes: Count,
  state: BackupState,
});

export const MnesiaStatusResult = z.strictObject({
  /** Whether all stores take writes. */
  running: z.boolean(),
  directory: z.string(),
  environments: z.array(StoreEnvironment),
  tables: z.array(DiscTable),
  /** Newest first. */
  backups: z.array(Backup),
  /** What a probe row took until it was on disk; null where it was not in time, or no runner serves. */
  flush_ms: Millis.nullable(),
});
