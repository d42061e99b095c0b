/** Numbers and strings: limits, steps, patterns, formats. */
import { isInteger, numberOf, type SchemaObject } from './json-schema.ts';
import { change, type Pair, type SchemaChange } from './schema-change.ts';

/** A lower limit: takes less when it is higher. */
export function atLeast({ sent, taken, path }: Pair, keyword: string, least = 0): SchemaChange[] {
  const [before, now] = [numberOf(sent[keyword]) ?? least, numberOf(taken[keyword])];
  return now === undefined || now <= before ? [] : [change(path, keyword, sent[keyword], now)];
}

export function atMost(
  { sent, taken, path }: Pair,
  keyword: string,
  most = Number.POSITIVE_INFINITY,
): SchemaChange[] {
  const [before, now] = [numberOf(sent[keyword]) ?? most, numberOf(taken[keyword])];
  return now === undefined || now >= before ? [] : [change(path, keyword, sent[keyword], now)];
}

export function strings(pair: Pair): SchemaChange[] {
  const { sent, taken, path } = pair;
  const found = [...atLeast(pair, 'minLength'), ...atMost(pair, 'maxLength')];
  for (const keyword of ['pattern', 'format'] as const) {
    const [before, now] = [sent[keyword], taken[keyword]];
    if (now === undefined || now === before) continue;
    found.push(change(path, keyword, before, now, before === undefined && !('const' in sent)));
  }
  return found;
}

export function numbers(pair: Pair): SchemaChange[] {
  return [...integers(pair), ...lowest(pair), ...highest(pair), ...steps(pair)];
}

function integers({ sent, taken, path }: Pair): SchemaChange[] {
  const narrowed = typeIsInteger(taken) && !isInteger(sent);
  return narrowed ? [change(path, 'type', 'number', 'integer')] : [];
}

const typeIsInteger = (schema: SchemaObject): boolean => isInteger({ type: schema.type ?? 'number' });

interface Limit {
  value: number;
  /** The value itself is not taken. */
  open: boolean;
}

function lowest({ sent, taken, path }: Pair): SchemaChange[] {
  const before = whole(lowerLimit(sent), isInteger(sent), (value) => Math.floor(value) + 1, Math.ceil);
  const now = lowerLimit(taken);
  const narrower = now.value > before.value || (now.value === before.value && now.open && !before.open);
  return narrower ? [change(path, 'minimum', limitText(before, '>'), limitText(now, '>'))] : [];
}

function highest({ sent, taken, path }: Pair): SchemaChange[] {
  const before = whole(upperLimit(sent), isInteger(sent), (value) => Math.ceil(value) - 1, Math.floor);
  const now = upperLimit(taken);
  const narrower = now.value < before.value || (now.value === before.value && now.open && !before.open);
  return narrower ? [change(path, 'maximum', limitText(before, '<'), limitText(now, '<'))] : [];
}

/** Between integers no limit is open. */
function whole(
  limit: Limit,
  integer: boolean,
  next: (n: number) => number,
  near: (n: number) => number,
): Limit {
  if (!integer || !Number.isFinite(limit.value)) return limit;
  return { value: limit.open ? next(limit.value) : near(limit.value), open: false };
}

function lowerLimit({ minimum, exclusiveMinimum }: SchemaObject): Limit {
  const closed = numberOf(minimum) ?? Number.NEGATIVE_INFINITY;
  const open = numberOf(exclusiveMinimum) ?? Number.NEGATIVE_INFINITY;
  const value = Math.max(closed, open);
  return { value, open: Number.isFinite(open) && open >= closed };
}

function upperLimit({ maximum, exclusiveMaximum }: SchemaObject): Limit {
  const closed = numberOf(maximum) ?? Number.POSITIVE_INFINITY;
  const open = numberOf(exclusiveMaximum) ?? Number.POSITIVE_INFINITY;
  const value = Math.min(closed, open);
  return { value, open: Number.isFinite(open) && open <= closed };
}

const limitText = ({ value, open }: Limit, sign: string): string =>
  Number.isFinite(value) ? `${open ? `${sign} ` : ''}${value}` : 'none';

function steps({ sent, taken, path }: Pair): SchemaChange[] {
  const step = numberOf(taken.multipleOf);
  const before = numberOf(sent.const) ?? numberOf(sent.multipleOf) ?? (isInteger(sent) ? 1 : undefined);
  if (step === undefined || before === step) return [];
  if (before === undefined) return [change(path, 'multipleOf', undefined, step)];
  const decidable = Number.isSafeInteger(before) && Number.isSafeInteger(step);
  if (decidable && before % step === 0) return [];
  return [change(path, 'multipleOf', sent.multipleOf, step, decidable)];
}
