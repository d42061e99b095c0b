/** Prints values as Erlang prints terms, in the spacing that the runbook uses: `{no_upgrade_path, "2.0.0", "3.0.0"}`. */

/** An atom: printed bare, unlike a string. */
export class Atom {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export const atom = (name: string): Atom => new Atom(name);

/** A tuple; an array is a list. */
export class Tuple {
  readonly elements: readonly Term[];
  constructor(elements: readonly Term[]) {
    this.elements = elements;
  }
}

/** `tuple('no_upgrade_path', str)`: a first element that is a string becomes an atom, as tags of errors are. */
export const tuple = (tag: string, ...elements: readonly Term[]): Tuple =>
  new Tuple([atom(tag), ...elements]);

export type Term =
  | Atom
  | Tuple
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Term[]
  | { readonly [key: string]: Term };

const BARE_ATOM = /^[a-z][A-Za-z0-9_@]*$/;

const printAtom = (name: string): string =>
  BARE_ATOM.test(name) ? name : `'${name.replaceAll("'", "\\'")}'`;

export function printTerm(term: Term): string {
  if (term === undefined || term === null) return 'undefined';
  if (term instanceof Atom) return printAtom(term.name);
  if (term instanceof Tuple) return `{${term.elements.map(printTerm).join(', ')}}`;
  if (typeof term === 'string') return JSON.stringify(term);
  if (typeof term !== 'object') return String(term);
  if (Array.isArray(term)) return `[${term.map(printTerm).join(', ')}]`;
  const pairs = Object.entries(term).map(([key, value]) => `${printAtom(key)} => ${printTerm(value)}`);
  return `#{${pairs.join(', ')}}`;
}
