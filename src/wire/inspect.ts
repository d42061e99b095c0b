/** What the console asks a runner of its tables and processes, and what it gets. */

export type InspectQuery =
  /** The rows of a table in key order, those after a key if one is given: at most `limit`, and about `bytes` of them. */
  | { what: 'rows'; name: string; limit: number; bytes: number; after?: unknown }
  /** The key that is first, last, or beside another one, in key order; none at the end. */
  | { what: 'key'; name: string; step: KeyStep; key?: unknown; bytes: number }
  /** The row with this key, or none. */
  | { what: 'row'; name: string; key: unknown; bytes: number }
  /** What `sys` tells of a server, by its name or pid. */
  | { what: 'state'; name: string; bytes: number }
  | { what: 'status'; name: string; bytes: number };

/** Values are plain: what is no data (functions, say) stands as text, and what is beyond the bytes is left out. */
export type KeyStep = 'first' | 'last' | 'next' | 'prev';

export interface InspectAnswer {
  /** Whether there is such a table or process here. */
  found: boolean;
  values: unknown[];
  /** Rows that are not among the values. */
  more: number;
}
