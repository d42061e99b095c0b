import { isFields, textOf } from './data.ts';

/**
 * Which element of `before` each element of `after` continues; undefined: it is new. No element is continued twice, and a list
 * that has not changed continues itself. Time grows with the length, not with its square.
 */
export function partnersOf(
  after: readonly unknown[],
  before: readonly unknown[],
  key?: string,
): (number | undefined)[] {
  const identity = key === undefined ? textOf : (element: unknown) => keyText(element, key);
  const [texts, old] = [after.map(identity), before.map(identity)];
  const partners = equalEnds(texts, old);
  matchRest(texts, old, partners);
  if (key === undefined) fillGaps(partners, before.length);
  return partners;
}

const keyText = (element: unknown, key: string): string =>
  textOf(isFields(element) ? element[key] : undefined);

/** Most edits touch one place: what is before and behind it stays. */
function equalEnds(after: readonly string[], before: readonly string[]): (number | undefined)[] {
  const partners = new Array<number | undefined>(after.length).fill(undefined);
  const shorter = Math.min(after.length, before.length);
  let start = 0;
  for (; start < shorter && after[start] === before[start]; start++) partners[start] = start;
  const shift = before.length - after.length;
  for (let end = after.length - 1; end >= start && end + shift >= start; end--) {
    if (after[end] !== before[end + shift]) break;
    partners[end] = end + shift;
  }
  return partners;
}

function matchRest(
  after: readonly string[],
  before: readonly string[],
  partners: (number | undefined)[],
): void {
  const taken = new Set(partners);
  const free = new Map<string, number[]>();
  for (const [index, text] of [...before.entries()].reverse()) {
    if (taken.has(index)) continue;
    const indexes = free.get(text);
    if (indexes === undefined) free.set(text, [index]);
    else indexes.push(index);
  }
  for (const [index, text] of after.entries()) partners[index] ??= free.get(text)?.pop();
}

/** A changed element stands where the one that it replaces stood: behind the partner of its left neighbour. */
function fillGaps(partners: (number | undefined)[], length: number): void {
  const taken = new Set(partners);
  let next = 0;
  for (const [index, partner] of partners.entries()) {
    if (partner !== undefined) next = partner + 1;
    else if (next < length && !taken.has(next)) partners[index] = next++;
  }
}
