/** Reads a term from its text, as the node keeps reasons; undefined for what is none. */
import { parse } from './parser.ts';
import type { Expression } from './syntax.ts';
import { elementsOf, list, map, type Term } from './terms.ts';

export function literal(source: string): Term | undefined {
  try {
    const [expression, ...others] = parse(source);
    return expression === undefined || others.length > 0 ? undefined : termOf(expression);
  } catch {
    return undefined;
  }
}

/** Throws for what has to be run to be known. */
function termOf(expression: Expression): Term {
  switch (expression.type) {
    case 'value':
      return expression.term;
    case 'tuple':
      return { type: 'tuple', elements: expression.elements.map(termOf) };
    case 'list':
      return list([...expression.elements.map(termOf), ...restOf(expression.rest)]);
    case 'map':
      return map(expression.pairs.map(([key, value]) => [termOf(key), termOf(value)] as const));
  }
  throw new TypeError(`${expression.type} is no literal`);
}

function restOf(rest: Expression | undefined): readonly Term[] {
  const elements = rest === undefined ? [] : elementsOf(termOf(rest));
  if (elements === undefined) throw new TypeError('what stands behind | is no list');
  return elements;
}
