/**
 * Lays a term out over lines as Erlang's shell does: what fits in a line stays in it; else numbers, atoms and strings fill lines, anything
 * larger begins one, and a tuple that begins with an atom goes on beside it. A test compares with what Erlang printed.
 */
import { print, printPair } from './print.ts';
import { isAtom, type Term } from './terms.ts';

const LINE = 80;
/** Characters of a line without its indentation. */
const MOST = 60;
/** How far the rest of a tuple stands in from it: beside its atom, or else, where that leaves no room, so far. */
const TAG_INDENTS = [Number.POSITIVE_INFINITY, 4, 1];
const VALUE_INDENT = 4;

/** Where something begins: its column, what its line holds besides indentation, and the brackets that have to close behind it. */
interface Place {
  readonly column: number;
  readonly used: number;
  readonly closing: number;
}

type Pair = readonly [Term, Term];

class NoRoom extends Error {}

/** @param line columns of the terminal */
export function layOut(term: Term, line: number = LINE): string {
  for (const tagIndent of TAG_INDENTS) {
    try {
      return new Layout(line, tagIndent).term(term, { column: 1, used: 0, closing: 0 });
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
    }
  }
  return print(term);
}

class Layout {
  readonly #line: number;
  readonly #tagIndent: number;

  constructor(line: number, tagIndent: number) {
    this.#line = line;
    this.#tagIndent = tagIndent;
  }

  term(term: Term, place: Place): string {
    const flat = print(term);
    if (!isCompound(term) || this.#fits(widthOf(flat), place)) return flat;
    const { column, used } = place;
    if (term.type === 'map')
      return `#{${this.#sequence(term.pairs, { ...place, column: column + 2, used: used + 1 }, PAIR)}}`;
    const [first, ...rest] = term.elements;
    if (term.type === 'tuple' && first !== undefined && isAtom(first) && rest.length > 0)
      return `{${this.#tagged(print(first), rest, { ...place, used: used + 1 })}}`;
    const inner = this.#elements(term.elements, { ...place, column: column + 1, used: used + 1 });
    return term.type === 'tuple' ? `{${inner}}` : `[${inner}]`;
  }

  #fits(length: number, { column, used, closing }: Place): boolean {
    return length < this.#line - column - closing && used + length + closing <= MOST;
  }

  #tagged(tag: string, rest: readonly Term[], place: Place): string {
    const beside = place.column + tag.length + 2;
    const indented = place.column + this.#tagIndent;
    const column = Math.min(beside, indented);
    if (this.#tagIndent > 1 && !this.#hasRoom(column, column === indented)) throw new NoRoom();
    if (beside <= indented)
      return `${tag},${this.#elements(rest, { ...place, column, used: place.used + tag.length + 1 })}`;
    return tag + this.#tail(rest, { ...place, column, used: place.used + tag.length }, beside, TERM);
  }

  #hasRoom(column: number, orEqual: boolean): boolean {
    const slack = orEqual ? 0 : 1;
    return MOST + column + slack <= this.#line || column + slack <= Math.floor(this.#line / 2);
  }

  #elements(elements: readonly Term[], place: Place): string {
    return this.#sequence(elements, place, TERM);
  }

  #sequence<T>(items: readonly T[], place: Place, kind: Kind<T>): string {
    const [first, ...rest] = items;
    if (first === undefined) return '';
    const { column, used, closing } = place;
    const { text, width } = this.#item(
      first,
      { ...place, closing: rest.length === 0 ? closing + 1 : 0 },
      kind,
    );
    return text + this.#tail(rest, { ...place, used: used + width }, column + width, kind);
  }

  /** @param place of new lines, and what the line so far holds @param at column behind what is written */
  #tail<T>(items: readonly T[], { column, used, closing }: Place, at: number, kind: Kind<T>): string {
    let out = '';
    for (const [index, item] of items.entries()) {
      const behind = index === items.length - 1 ? closing + 1 : 0;
      const flat = kind.flat(item);
      const width = widthOf(flat) + 1;
      if (kind.small(item) && this.#fits(width, { column: at, used, closing: Math.max(behind, 1) })) {
        out += `,${flat}`;
        at += width;
        used += width;
      } else {
        const below = this.#item(item, { column, used: 0, closing: behind }, kind);
        out += `,\n${' '.repeat(column - 1)}${below.text}`;
        at = column + below.width;
        used = below.width;
      }
    }
    return out;
  }

  /** Nothing may follow a large item in its line: its width is that of the line. */
  #item<T>(item: T, place: Place, kind: Kind<T>): { text: string; width: number } {
    const flat = kind.flat(item);
    const width = widthOf(flat);
    if (!this.#fits(width, place)) return { text: kind.broken(item, place, this), width: this.#line };
    return { text: flat, width: kind.small(item) ? width : this.#line };
  }

  pair([key, value]: Pair, place: Place): string {
    const column = place.column + (Number.isFinite(this.#tagIndent) ? this.#tagIndent : VALUE_INDENT);
    const below = this.term(value, { column, used: 0, closing: place.closing });
    return `${this.term(key, place)} =>\n${' '.repeat(column - 1)}${below}`;
  }
}

/** What a sequence is made of. */
interface Kind<T> {
  flat(item: T): string;
  small(item: T): boolean;
  broken(item: T, place: Place, layout: Layout): string;
}

const TERM: Kind<Term> = {
  flat: print,
  small: isSmall,
  broken: (term, place, layout) => layout.term(term, place),
};
const PAIR: Kind<Pair> = {
  flat: printPair,
  small: (pair) => pair.every(isSmall),
  broken: (pair, place, layout) => layout.pair(pair, place),
};

type Compound = Extract<Term, { type: 'tuple' | 'list' | 'map' }>;

const isCompound = (term: Term): term is Compound =>
  typeof term === 'object' && (term.type === 'tuple' || term.type === 'list' || term.type === 'map');

/** Other small terms may stand in the same line. Bytes that are no text may not. */
function isSmall(term: Term): boolean {
  if (typeof term !== 'object') return true;
  if (term.type === 'binary') return term.bytes.length === 0 || print(term).includes('"');
  if (!isCompound(term)) return true;
  return (term.type === 'map' ? term.pairs : term.elements).length === 0;
}

const graphemes = new Intl.Segmenter('en');
const ASCII = /^[ -~]*$/;

/** No line is so long: how many characters a longer text has makes no difference, and counting them takes time. */
const LONG = 512;

/** In characters as a reader counts them, a wide one as one: what Erlang counts too. */
const widthOf = (text: string): number =>
  text.length > LONG || ASCII.test(text) ? text.length : [...graphemes.segment(text)].length;
