/**
 * Erlang terms as the console has them. Every value has one form only: a list of printable characters is a JavaScript string, the
 * empty string is the empty list, an integer is a number where that is exact. So terms are equal when their forms are.
 */

export type Term =
  /** An integer. */
  | number
  | bigint
  /** A list of printable characters, never empty. */
  | string
  | AtomTerm
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  | { readonly type: 'pid'; readonly text: string }
  | { readonly type: 'tuple'; readonly elements: readonly Term[] }
  | { readonly type: 'list'; readonly elements: readonly Term[] }
  | { readonly type: 'map'; readonly pairs: readonly (readonly [Term, Term])[] };

export interface AtomTerm {
  readonly type: 'atom';
  readonly name: string;
}

/** Deeper terms are refused where they are typed, and cut where they are read from the node. */
export const MAX_DEPTH = 200;

export const atom = (name: string): AtomTerm => ({ type: 'atom', name });
export const tuple = (...elements: Term[]): Term => ({ type: 'tuple', elements });
export const pid = (text: string): Term => ({ type: 'pid', text });
export const float = (value: number): Term => ({ type: 'float', value });
export const OK = atom('ok');
export const UNDEFINED = atom('undefined');
export const boolean = (value: boolean): Term => atom(String(value));

export const integer = (value: bigint): Term =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** As `io_lib:printable_unicode_list/1` has it. */
export const isPrintable = (code: number): boolean =>
  (code >= 8 && code <= 13) ||
  code === 27 ||
  (code >= 32 && code <= 126) ||
  (code >= 160 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

/** The same of a well-formed text as a whole: a check of each character takes a hundred times as long. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[^\b-\r\u001b -~\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export const isPrintableText = (text: string): boolean => !UNPRINTABLE.test(text);

export function list(elements: readonly Term[]): Term {
  const isText = elements.length > 0 && elements.every(isCharacter);
  if (!isText) return { type: 'list', elements };
  return elements.map((code) => String.fromCodePoint(code as number)).join('');
}

const isCharacter = (term: Term): boolean => typeof term === 'number' && isPrintable(term);

/** A string of JavaScript as the list of its characters. */
export function text(value: string): Term {
  const wellFormed = value.toWellFormed();
  if (wellFormed !== '' && isPrintableText(wellFormed)) return wellFormed;
  return { type: 'list', elements: Array.from(wellFormed, (character) => character.codePointAt(0) ?? 0) };
}

export const binary = (value: string): Term => ({ type: 'binary', bytes: Buffer.from(value.toWellFormed()) });

/** Of two pairs with the same key the later one counts, in the place of the earlier. */
export function map(pairs: readonly (readonly [Term, Term])[]): Term {
  const places = new Map<unknown, number>();
  const found: (readonly [Term, Term])[] = [];
  for (const pair of pairs) {
    const id = identityOf(pair[0]);
    const at = id === undefined ? found.findIndex(([key]) => equal(key, pair[0])) : (places.get(id) ?? -1);
    if (at >= 0) found[at] = pair;
    else if (id !== undefined) places.set(id, found.push(pair) - 1);
    else found.push(pair);
  }
  return { type: 'map', pairs: found };
}

/** Of the terms that are keys as a rule: what they can be told apart by without a comparison. */
function identityOf(term: Term): unknown {
  if (typeof term === 'string') return `"${term}`;
  if (typeof term !== 'object') return term;
  return term.type === 'atom' ? `'${term.name}` : undefined;
}

export const isAtom = (term: Term): term is AtomTerm => typeof term === 'object' && term.type === 'atom';

/** The elements of a list, a string being one of characters; undefined for any other term. */
export function elementsOf(term: Term): readonly Term[] | undefined {
  if (typeof term === 'string') return Array.from(term, (character): Term => character.codePointAt(0) ?? 0);
  return typeof term === 'object' && term.type === 'list' ? term.elements : undefined;
}

export const lookUp = (pairs: readonly (readonly [Term, Term])[], key: Term): Term | undefined =>
  pairs.find(([found]) => equal(found, key))?.[1];

/** As `=:=`. */
export function equal(one: Term, other: Term): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  if (one.type === 'tuple' || one.type === 'list') {
    return other.type === one.type && allEqual(one.elements, other.elements);
  }
  if (one.type === 'atom') return other.type === 'atom' && one.name === other.name;
  if (one.type === 'float') return other.type === 'float' && Object.is(one.value, other.value);
  if (one.type === 'pid') return other.type === 'pid' && one.text === other.text;
  if (one.type === 'binary') return other.type === 'binary' && Buffer.compare(one.bytes, other.bytes) === 0;
  return (
    other.type === 'map' &&
    one.pairs.length === other.pairs.length &&
    one.pairs.every(([key, value]) => {
      const found = lookUp(other.pairs, key);
      return found !== undefined && equal(found, value);
    })
  );
}

const allEqual = (one: readonly Term[], other: readonly Term[]): boolean =>
  one.length === other.length && one.every((term, index) => equal(term, other[index]!));

/** Whether the term has more than so many characters and elements. Stops counting there. */
export function isLarger(term: Term, limit: number): boolean {
  let left = limit;
  const count = (part: Term): boolean => {
    left -= 1;
    if (typeof part === 'string') left -= part.length;
    if (typeof part !== 'object' || left < 0) return left < 0;
    if (part.type === 'binary') left -= part.bytes.length;
    if (part.type === 'tuple' || part.type === 'list') return part.elements.some(count) || left < 0;
    if (part.type === 'map') return part.pairs.some(([key, value]) => count(key) || count(value)) || left < 0;
    return left < 0;
  };
  return count(term);
}
