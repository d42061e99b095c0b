/** What operators pass to the functions of the console, from either language. */
import { badarg, elementsOf, isAtom, type Term } from '../../admin/console/index.ts';
import type { TableKey } from '../../tables/index.ts';

/** An atom, or the string of TypeScript. */
export function nameOf(term: Term | undefined, what: string): string {
  if (term !== undefined && isAtom(term)) return term.name;
  if (typeof term === 'string') return term;
  throw badarg(
    term ?? 'nothing',
    `The ${what} is an atom, such as erlmcp_registry.`,
    'help(). has the functions and what they take.',
  );
}

/** As `nameOf`, or a pid. */
export const processOf = (term: Term | undefined): string =>
  typeof term === 'object' && term.type === 'pid' ? term.text : nameOf(term, 'name of a process');

/** A string, number or atom; several of them as a list or tuple are a compound key. */
export function keyOf(term: Term | undefined): TableKey {
  if (typeof term === 'object' && term.type === 'tuple') return term.elements.map(partOf);
  if (typeof term === 'object' && term.type === 'list' && term.elements.length > 1)
    return term.elements.map(partOf);
  return partOf(term);
}

function partOf(term: Term | undefined): string | number | boolean {
  if (typeof term === 'number' || typeof term === 'string') return term;
  if (typeof term !== 'object') throw badKey(term);
  if (term.type === 'float') return term.value;
  if (term.type === 'binary') return Buffer.from(term.bytes).toString();
  if (term.type === 'pid') return term.text;
  if (isAtom(term)) return term.name === 'true' || term.name === 'false' ? term.name === 'true' : term.name;
  if (elementsOf(term)?.length === 0) return '';
  throw badKey(term);
}

const badKey = (term: Term | undefined): Error =>
  badarg(
    term ?? 'nothing',
    'A key is a string, a number or an atom, or a tuple of them.',
    'See: erlmcpctl ets_tables',
  );
