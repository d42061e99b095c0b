/**
 * A copy of a value as plain data: what is no data becomes text, what is met again or lies too deep or beyond the bytes is left out, and
 * says so. The copy can be sent; the value may be of any shape and size.
 */

export const LEFT_OUT = '...';
const MAX_DEPTH = 100;
/** What an entry costs besides its text. */
const ENTRY_BYTES = 8;

export class Budget {
  left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  get spent(): boolean {
    return this.left <= 0;
  }
}

export function plainCopy(value: unknown, budget: Budget, seen: ReadonlySet<object> = new Set()): unknown {
  budget.left -= ENTRY_BYTES;
  if (typeof value === 'string') return cut(value, budget);
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) return cutBytes(value, budget);
  if (seen.has(value) || seen.size >= MAX_DEPTH) return LEFT_OUT;
  const within = new Set(seen).add(value);
  if (Array.isArray(value)) return copyAll(value, budget, within);
  if (value instanceof Set) return copyAll(value, budget, within);
  if (value instanceof Map) return new Map(copyEntries(value, budget, within));
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return Object.fromEntries(copyEntries(Object.entries(value), budget, within) as [string, unknown][]);
}

function cut(text: string, budget: Budget): string {
  const whole = text.length <= Math.max(budget.left, 0);
  budget.left -= text.length;
  return whole ? text : `${text.slice(0, Math.max(budget.left + text.length, 0))}${LEFT_OUT}`;
}

function cutBytes(bytes: Uint8Array, budget: Budget): Uint8Array {
  const room = Math.max(budget.left, 0);
  budget.left -= bytes.length;
  return Uint8Array.from(bytes.subarray(0, room));
}

function copyAll(values: Iterable<unknown>, budget: Budget, seen: ReadonlySet<object>): unknown[] {
  const copies: unknown[] = [];
  for (const value of values) {
    if (budget.spent) return [...copies, LEFT_OUT];
    copies.push(plainCopy(value, budget, seen));
  }
  return copies;
}

function copyEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  budget: Budget,
  seen: ReadonlySet<object>,
): [unknown, unknown][] {
  const copies: [unknown, unknown][] = [];
  for (const [key, value] of entries) {
    if (budget.spent) return [...copies, [LEFT_OUT, LEFT_OUT]];
    copies.push([plainCopy(key, budget, seen), plainCopy(value, budget, seen)]);
  }
  return copies;
}
