/**
 * Work on whole tables that takes longer than an answer may: it is started, goes on by itself, and is asked about until it has
 * ended. One at a time; only settling, which may take hours, goes on beside the others.
 */
import { z } from 'zod';
import { Backup } from './tables.ts';
import { OperationError } from './upgrade.ts';
import { Count, Millis, Time } from './values.ts';

export const TaskKind = z.enum(['backup', 'restore', 'settle', 'verify']);

const TableName = z.string().min(1).max(256);

/** `to`: folder that is made for the copy, an absolute path; default: one of those in `backups/`, of which the newest 5 are kept. */
export const BackupParams = z.strictObject({ to: z.string().min(1).max(4096).startsWith('/').optional() });

/**
 * `backup`: name of one in `backups/`, `latest` (but for those of what a restore replaced), or the absolute path of a backup's folder. `tables`: default all, but for those
 * of the runtime and of sessions.
 */
export const RestoreParams = z.strictObject({
  backup: z.string().min(1).max(4096),
  tables: z.array(TableName).min(1).max(1_000).optional(),
});

/** `tables`: default all that are stored. */
export const VerifyTablesParams = z.strictObject({ tables: z.array(TableName).min(1).max(1_000).optional() });

export const TaskProgress = z.strictObject({ table: z.string(), rows: Count, total: Count });

const TableRows = z.strictObject({ table: z.string(), rows: Count });

export const VerifiedTable = z.strictObject({
  table: z.string(),
  rows: Count,
  /** By the version that wrote them. */
  versions: z.record(z.string(), Count),
  /** Rows that fail their checksum. */
  damaged: Count,
  /** Of the first 100 damaged rows, as JSON. */
  keys: z.array(z.string()),
});

export const SettledTable = z.strictObject({
  table: z.string(),
  looked: Count,
  settled: Count,
  /** Rows that stay as they are: damaged, or their lens fails. */
  left: Count,
});

export const TaskResult = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('backup'), path: z.string(), bytes: Count, tables: z.array(TableRows) }),
  z.strictObject({
    kind: z.literal('restore'),
    backup: z.string(),
    tables: z.array(TableRows),
    /** Folder of a backup in which these tables are as they were until then. */
    replaced: z.string(),
  }),
  z.strictObject({ kind: z.literal('settle'), tables: z.array(SettledTable) }),
  z.strictObject({ kind: z.literal('verify'), tables: z.array(VerifiedTable) }),
]);

export const Task = z.strictObject({
  task: z.string(),
  kind: TaskKind,
  /** What it works on, in a word or two. */
  subject: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  started: Time,
  ms: Millis,
  /** Of a running one, once it is known. */
  progress: TaskProgress.nullable(),
  result: TaskResult.nullable(),
  error: OperationError.nullable(),
});

/** Without an id: the one that was started last. Answers when it has ended, or after `wait_ms` (default 0, at most 3,000). */
export const TaskParams = z.strictObject({
  task: z.string().max(64).optional(),
  wait_ms: z.int().min(0).max(3_000).optional(),
});

export const BackupsResult = z.array(Backup);
