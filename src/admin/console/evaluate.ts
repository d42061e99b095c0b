/** Runs trees: matches bind variables once, calls go to the functions of the console. What an expression bound holds only if it succeeded. */
import type { Call, ConsoleFunctions } from './functions.ts';
import { badarg, badmatch, unbound } from './problems.ts';
import { type Expression, SHELL } from './syntax.ts';
import { elementsOf, equal, list, lookUp, map, OK, type Term } from './terms.ts';

export type Bindings = Map<string, Term>;

/** The value of one expression. Throws OperatorError. */
export async function evaluate(
  expression: Expression,
  bindings: Bindings,
  functions: ConsoleFunctions,
  call: Call,
): Promise<Term> {
  if (isForget(expression)) return forget(expression.args, bindings);
  const scope = new Map(bindings);
  const value = await run(expression, scope, functions, call);
  // Nobody waits any more: the next expression may have been run already.
  call.signal.throwIfAborted();
  for (const [name, term] of scope) bindings.set(name, term);
  return value;
}

type CallExpression = Extract<Expression, { type: 'call' }>;

/** `f().` and `f(X).` are about variables, not values. */
const isForget = (expression: Expression): expression is CallExpression =>
  expression.type === 'call' &&
  expression.module === SHELL &&
  expression.name === 'f' &&
  expression.args.length < 2;

function forget([variable]: readonly Expression[], bindings: Bindings): Term {
  if (variable === undefined) bindings.clear();
  else if (variable.type === 'variable') bindings.delete(variable.name);
  else throw badarg('f', 'f takes the name of a variable.', 'f(). forgets all variables, f(X). one.');
  return OK;
}

async function run(
  expression: Expression,
  scope: Bindings,
  functions: ConsoleFunctions,
  call: Call,
): Promise<Term> {
  const all = async (parts: readonly Expression[]): Promise<Term[]> => {
    const terms: Term[] = [];
    for (const part of parts) terms.push(await run(part, scope, functions, call));
    return terms;
  };
  switch (expression.type) {
    case 'value':
      return expression.term;
    case 'variable':
      return boundTo(expression.name, scope);
    case 'tuple':
      return { type: 'tuple', elements: await all(expression.elements) };
    case 'list': {
      const { elements, rest } = expression;
      return list([...(await all(elements)), ...(rest === undefined ? [] : listOf((await all([rest]))[0]!))]);
    }
    case 'map': {
      const keys = await all(expression.pairs.map(([key]) => key));
      const values = await all(expression.pairs.map(([, value]) => value));
      return map(keys.map((key, index) => [key, values[index]!] as const));
    }
    case 'match': {
      const value = await run(expression.value, scope, functions, call);
      if (!matches(expression.pattern, value, scope)) throw badmatch(value);
      return value;
    }
    case 'call':
      return await functions.call(expression.module, expression.name, await all(expression.args), call);
  }
}

function boundTo(name: string, scope: Bindings): Term {
  const value = scope.get(name);
  if (value === undefined) throw unbound(name);
  return value;
}

function listOf(term: Term): readonly Term[] {
  const elements = elementsOf(term);
  if (elements !== undefined) return elements;
  throw badarg(term, 'What stands behind | is no list.', 'The console has proper lists only.');
}

/** Binds the free variables of the pattern in `scope`. */
function matches(pattern: Expression, value: Term, scope: Bindings): boolean {
  switch (pattern.type) {
    case 'value':
      return equal(pattern.term, value);
    case 'variable':
      return bind(pattern.name, value, scope);
    case 'tuple':
      return (
        typeof value === 'object' &&
        value.type === 'tuple' &&
        matchAll(pattern.elements, value.elements, scope)
      );
    case 'list':
      return matchList(pattern, elementsOf(value), scope);
    case 'map':
      return typeof value === 'object' && value.type === 'map' && matchMap(pattern.pairs, value.pairs, scope);
    case 'match':
      return matches(pattern.pattern, value, scope) && matches(pattern.value, value, scope);
    case 'call':
      return false;
  }
}

function bind(name: string, value: Term, scope: Bindings): boolean {
  if (name === '_') return true;
  const known = scope.get(name);
  if (known !== undefined) return equal(known, value);
  scope.set(name, value);
  return true;
}

const matchAll = (patterns: readonly Expression[], values: readonly Term[], scope: Bindings): boolean =>
  patterns.length === values.length &&
  patterns.every((pattern, index) => matches(pattern, values[index]!, scope));

function matchList(
  { elements, rest }: Extract<Expression, { type: 'list' }>,
  values: readonly Term[] | undefined,
  scope: Bindings,
): boolean {
  if (values === undefined || values.length < elements.length) return false;
  if (rest === undefined) return matchAll(elements, values, scope);
  const first = values.slice(0, elements.length);
  return matchAll(elements, first, scope) && matches(rest, list(values.slice(elements.length)), scope);
}

function matchMap(
  patterns: readonly (readonly [Expression, Expression])[],
  pairs: readonly (readonly [Term, Term])[],
  scope: Bindings,
): boolean {
  return patterns.every(([key, pattern]) => {
    const wanted =
      key.type === 'value' ? key.term : key.type === 'variable' ? scope.get(key.name) : undefined;
    const found = wanted === undefined ? undefined : lookUp(pairs, wanted);
    return found !== undefined && matches(pattern, found, scope);
  });
}
