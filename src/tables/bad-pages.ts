/**
 * LMDB's pages have no checksum. What it says of pages that are no pages, and what breaks in reading their bytes, is told as damage, by
 * table and key as far as they are known; its other faults (no free reader slot, say) are told as they are.
 */
import { reasonOf, TableError } from './table-error.ts';
import type { TableKey } from './types.ts';

const BAD_PAGES = /^MDB_(PAGE_NOTFOUND|CORRUPTED|INVALID|BAD_TXN)\b/;

interface Place {
  readonly what: string;
  readonly table?: string | undefined;
  readonly key?: TableKey | undefined;
}

export function explainRead(cause: unknown, { what, table, key }: Place): unknown {
  if (!isOfPages(cause)) return cause;
  const sentence = `${what} can't be read (${reasonOf(cause)}); restore it from a backup`;
  return new TableError('damaged', sentence, { table, key });
}

function isOfPages(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return BAD_PAGES.test(cause.message) || cause instanceof RangeError || cause instanceof SyntaxError;
}
