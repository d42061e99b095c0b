import type { TableKey } from './types.ts';

/** Every way in which the store refuses; the code is for programs, the message for people. */
export type TableErrorCode =
  | 'bad_chain'
  | 'bad_key'
  | 'bad_row'
  | 'bad_table'
  | 'backup_damaged'
  | 'closed'
  | 'commit_failed'
  | 'damaged'
  | 'guard_failed'
  | 'held'
  | 'in_transaction'
  | 'index_building'
  | 'lens_failed'
  | 'newer_format'
  | 'not_attached'
  | 'promise_in_transaction'
  | 'put_back_failed'
  | 'read_only'
  | 'replaced'
  | 'restore_failed'
  | 'sync_write'
  | 'timeout'
  | 'transaction_over'
  | 'unknown_version'
  | 'way_back'
  | 'wrong_storage';

export interface TableErrorDetails {
  readonly table?: string | undefined;
  readonly key?: TableKey | undefined;
  readonly version?: number | undefined;
  readonly cause?: unknown;
}

/** One line that names the table, the key and the cause. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly code: TableErrorCode;
  readonly table: string | undefined;
  readonly key: TableKey | undefined;
  readonly version: number | undefined;

  constructor(code: TableErrorCode, sentence: string, details: TableErrorDetails = {}) {
    super(describe(sentence, details), details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.table = details.table;
    this.key = details.key;
    this.version = details.version;
  }
}

function describe(sentence: string, { table, key, cause }: TableErrorDetails): string {
  const place =
    table === undefined
      ? ''
      : key === undefined
        ? `table ${table}: `
        : `table ${table}, key ${printKey(key)}: `;
  return cause === undefined ? `${place}${sentence}` : `${place}${sentence} (${reasonOf(cause)})`;
}

export const printKey = (key: unknown): string => JSON.stringify(key) ?? String(key);

const MAX_REASON = 300;

/** One line, bounded. Of what a schema refuses: each field by its path, and what is wrong with it. */
export function reasonOf(cause: unknown): string {
  const told = issuesOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  const text = told.replace(/\s*\n\s*/g, ' ').trim();
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text;
}

interface Issue {
  readonly path?: readonly unknown[];
  readonly message?: unknown;
}

/** `tags[1]: Invalid input; size: Too big`; undefined for what is no refusal of a schema (zod, or made like it). */
function issuesOf(cause: unknown): string | undefined {
  const { issues } = (cause ?? {}) as { issues?: readonly Issue[] };
  if (!Array.isArray(issues) || issues.length === 0) return undefined;
  return issues.map(({ path = [], message }: Issue) => `${pathOf(path)}${String(message)}`).join('; ');
}

function pathOf(path: readonly unknown[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}
