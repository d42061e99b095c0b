/**
 * Compares what may be sent with what is taken. No change means: every value that the one schema lets be sent is taken by the other.
 * A change that is certain is such a value; where neither can be shown there is a change that is not certain. A schema that
 * contradicts itself (`allOf` of a number above 2 and an alternative that is 2) may be told as certain though nothing is sent by it.
 */
import { isDeepStrictEqual } from 'node:util';
import { arrays } from './arrays.ts';
import { areDisjoint, type Follows } from './disjoint.ts';
import { exactly, isExact } from './exact-value.ts';
import { intersection } from './intersection.ts';
import {
  asSchema,
  hasRef,
  kindsOf,
  meaningOf,
  resolveRef,
  type Schema,
  type SchemaObject,
  schemaList,
  valuesOf,
  without,
} from './json-schema.ts';
import { objects } from './objects.ts';
import { numbers, strings } from './scalars.ts';
import { change, type Pair, quoted, type SchemaChange, undecided } from './schema-change.ts';

/** Steps of one comparison; schemas of tools that are in use need some hundreds. */
const MAX_STEPS = 2_000;
const MAX_DEPTH = 60;
const MAX_CHANGES = 200;

const CHECKS = { number: numbers, string: strings, array: arrays, object: objects } as const;

/** Keywords that are compared as a whole. */
const OPAQUE = [
  ...['not', 'if', 'then', 'else', 'contains', 'minContains', 'maxContains', 'dependentRequired'],
  ...[
    'dependentSchemas',
    'dependencies',
    'unevaluatedItems',
    'unevaluatedProperties',
    '$dynamicRef',
    '$recursiveRef',
  ],
];
/** They say nothing alone: what they do depends on the keywords beside them. */
const DEPENDENT = ['unevaluatedItems', 'unevaluatedProperties', '$dynamicRef', '$recursiveRef'];

export interface SchemaComparison {
  /** Whether properties are sent that no schema names: by clients in a call, yes; by a server in its answer, no. */
  sendsUnnamed: boolean;
}

/** `sent` and `taken` are whole documents. At most 200 changes. Never throws on what a JSON text can hold. */
export function compareSchemas(sent: unknown, taken: unknown, options: SchemaComparison): SchemaChange[] {
  try {
    const changes = compareDocuments(sent, taken, options);
    const seen = new Map(changes.map((found) => [JSON.stringify(found), found]));
    return [...seen.values()].slice(0, MAX_CHANGES);
  } catch (error) {
    // Nested so deeply that the stack is full.
    if (error instanceof RangeError)
      return [change('', 'schema', 'too deep', 'too deep to be compared', false)];
    throw error;
  }
}

function compareDocuments(sent: unknown, taken: unknown, options: SchemaComparison): SchemaChange[] {
  const [one, other] = [asSchema(meaningOf(sent)), asSchema(meaningOf(taken))];
  if (isDeepStrictEqual(one, other)) return [];
  return new Comparison(one, other, options.sendsUnnamed).compare(one, other, '');
}

class Comparison {
  readonly #sendsUnnamed: boolean;
  readonly #roots: { sent: Schema; taken: Schema };
  readonly #follow: Follows;
  /** Two parts that read alike may mean something else. */
  readonly #refers: boolean;
  /** Pairs that are being compared: one that comes again within itself takes what it takes. */
  readonly #open = new Map<Schema, Set<Schema>>();
  #steps = 0;
  #depth = 0;

  constructor(sent: Schema, taken: Schema, sendsUnnamed: boolean) {
    this.#sendsUnnamed = sendsUnnamed;
    this.#roots = { sent, taken };
    this.#refers = hasRef(sent) || hasRef(taken);
    this.#follow = {
      sent: (schema) => followed(schema, sent),
      taken: (schema) => followed(schema, taken),
    };
  }

  readonly compare = (sent: Schema, taken: Schema, path: string): SchemaChange[] => {
    if (taken === true || sent === false) return [];
    if (taken === false) return [change(path, 'presence', 'allowed', 'refused')];
    if (Object.keys(taken).length === 0) return [];
    if (++this.#steps > MAX_STEPS || this.#depth > MAX_DEPTH)
      return [change(path, 'schema', 'too large', 'too large to be compared', false)];
    return this.#within(sent === true ? {} : sent, taken, path);
  };

  #within(sent: SchemaObject, taken: SchemaObject, path: string): SchemaChange[] {
    const open = this.#open.get(sent) ?? new Set();
    if (open.has(taken)) return [];
    this.#open.set(sent, open.add(taken));
    this.#depth++;
    try {
      return this.#alike(sent, taken) ? [] : this.#sent(sent, taken, path);
    } finally {
      this.#depth--;
      open.delete(taken);
    }
  }

  #alike(sent: SchemaObject, taken: SchemaObject): boolean {
    return !this.#refers && isDeepStrictEqual(sent, taken);
  }

  /** Takes apart what is sent, until it is one schema without alternatives, or one value. */
  #sent(sent: SchemaObject, taken: SchemaObject, path: string): SchemaChange[] {
    const own = without(sent, '$ref', 'allOf', 'anyOf', 'oneOf');
    if (sent.$ref !== undefined) {
      const target = resolveRef(sent.$ref, this.#roots.sent);
      if (target === undefined) return [change(path, '$ref', sent.$ref, taken.$ref, false)];
      return this.#both(without(sent, '$ref'), [target], taken, path);
    }
    const all = schemaList(sent.allOf);
    if (all) return this.#both(without(sent, 'allOf'), all, taken, path);
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const rest = without(sent, keyword);
      const branches = schemaList(sent[keyword]);
      if (branches) return branches.flatMap((branch) => this.#both(rest, [branch], taken, path));
    }
    const values = isExact(sent) || !haveCommonKind(own, taken) ? undefined : valuesOf(own);
    if (values) return values.flatMap((value) => this.#value(value, taken, path));
    return this.#taken(own, taken, path);
  }

  #both(rest: SchemaObject, more: readonly Schema[], taken: SchemaObject, path: string): SchemaChange[] {
    let exact = true;
    let schema: Schema = Object.keys(rest).length === 0 ? true : rest;
    for (const one of more) {
      const both = intersection(schema, one);
      schema = both.schema;
      exact &&= both.exact;
    }
    const found = this.compare(schema, taken, path);
    return exact ? found : undecided(found);
  }

  #value(value: unknown, taken: SchemaObject, path: string): SchemaChange[] {
    const found = this.compare(exactly(value), taken, path);
    if (found.length === 0) return [];
    const certain = found.some((one) => one.certain);
    return [change(path, `value ${quoted(value)}`, 'allowed', 'refused', certain)];
  }

  /** Takes apart what is taken: each of its parts has to take all that is sent. */
  #taken(sent: SchemaObject, taken: SchemaObject, path: string): SchemaChange[] {
    const own = without(taken, '$ref', 'allOf', 'anyOf', 'oneOf');
    const found = [...this.#plain(sent, own, path), ...this.#opaque(sent, own, path)];
    if (taken.$ref !== undefined) {
      const target = resolveRef(taken.$ref, this.#roots.taken);
      if (target === undefined) found.push(change(path, '$ref', sent.$ref, taken.$ref, false));
      else found.push(...this.compare(sent, target, path));
    }
    for (const part of schemaList(taken.allOf) ?? []) found.push(...this.compare(sent, part, path));
    const any = schemaList(taken.anyOf);
    if (any) found.push(...this.#alternatives(sent, any, path));
    const one = schemaList(taken.oneOf);
    if (one) found.push(...this.#alternatives(sent, one, path), ...this.#twice(sent, one, path));
    return this.#overstated(sent) ? undecided(found) : found;
  }

  /** Its opaque keywords may refuse the very value that would be refused. */
  #overstated = (sent: SchemaObject): boolean => OPAQUE.some((keyword) => keyword in sent);

  #opaque(sent: SchemaObject, taken: SchemaObject, path: string): SchemaChange[] {
    return OPAQUE.filter((keyword) => keyword in taken && !this.#sameKeyword(sent, taken, keyword))
      .filter((keyword) => !(keyword === 'not' && areDisjoint(sent, asSchema(taken.not), this.#follow)))
      .map((keyword) => change(path, keyword, sent[keyword], taken[keyword], false));
  }

  #sameKeyword(sent: SchemaObject, taken: SchemaObject, keyword: string): boolean {
    if (DEPENDENT.includes(keyword) || this.#refers) return false;
    return isDeepStrictEqual(sent[keyword], taken[keyword]);
  }

  #alternatives(sent: SchemaObject, branches: readonly Schema[], path: string): SchemaChange[] {
    if (branches.some((branch) => this.compare(sent, branch, path).length === 0)) return [];
    const kinds = [...kindsOf(sent)];
    if (kinds.length > 1)
      return kinds.flatMap((kind) => this.#alternatives(ofKind(sent, kind), branches, path));
    const fitting = this.#fitting(sent, branches, false);
    if (fitting.length > 1) {
      const none = `none of ${fitting.length} takes all of it`;
      return [change(path, 'alternatives', kinds[0], none, false)];
    }
    // None takes a value of it: the one with the same tag says why.
    const [only, ...others] = fitting.length > 0 ? fitting : this.#fitting(sent, branches, true);
    if (only !== undefined && others.length === 0) return this.compare(sent, only, path);
    return [change(path, 'alternatives', kinds[0], 'none that takes it')];
  }

  #fitting(sent: Schema, branches: readonly Schema[], tagsOnly: boolean): readonly Schema[] {
    return branches.filter((branch) => !areDisjoint(sent, branch, { ...this.#follow, tagsOnly }));
  }

  /** `oneOf` refuses what two of its alternatives take. */
  #twice(sent: SchemaObject, branches: readonly Schema[], path: string): SchemaChange[] {
    const fitting = this.#fitting(sent, branches, false);
    const apart = fitting.every((one, index) =>
      fitting
        .slice(index + 1)
        .every((other) => areDisjoint(one, other, { sent: this.#follow.taken, taken: this.#follow.taken })),
    );
    return apart ? [] : [change(path, 'oneOf', 'any', 'one alternative alone', false)];
  }

  #plain(sent: SchemaObject, taken: SchemaObject, path: string): SchemaChange[] {
    const pair: Pair = { sent, taken, path, compare: this.compare, sendsUnnamed: this.#sendsUnnamed };
    const before = kindsOf(sent);
    const now = taken.type === undefined ? before : kindsOf({ type: taken.type });
    const gone = [...before].filter((kind) => !now.has(kind));
    const found = gone.length > 0 ? [change(path, 'type', typeText(sent), typeText(taken))] : [];
    for (const kind of before)
      if (now.has(kind) && kind in CHECKS) found.push(...CHECKS[kind as keyof typeof CHECKS](pair));
    return [...found, ...stated(pair)];
  }
}

function haveCommonKind(sent: SchemaObject, { type }: SchemaObject): boolean {
  if (type === undefined) return true;
  const kinds = kindsOf({ type });
  return [...kindsOf(sent)].some((kind) => kinds.has(kind));
}

/** `const` and `enum` of the taker: the value that is sent has to be one of them. */
function stated({ sent, taken, path }: Pair): SchemaChange[] {
  const values = 'const' in taken ? [taken.const] : Array.isArray(taken.enum) ? taken.enum : undefined;
  if (values === undefined) return [];
  if ('const' in sent && values.some((value) => isDeepStrictEqual(value, sent.const))) return [];
  return [change(path, 'values', typeText(sent), values.map((value) => JSON.stringify(value)).join(' | '))];
}

function ofKind(schema: SchemaObject, kind: string): SchemaObject {
  const whole =
    kind === 'number' && [schema.type].flat().includes('integer') && ![schema.type].flat().includes('number');
  return { ...schema, type: whole ? 'integer' : kind };
}

const typeText = ({ type }: SchemaObject): string => (type === undefined ? 'any' : [type].flat().join(' | '));

/** A schema that only refers to another is that one; a chain that goes in a circle says nothing. */
function followed(schema: Schema, root: Schema): Schema {
  let at = schema;
  for (let hop = 0; hop < 10; hop++) {
    if (typeof at === 'boolean' || at.$ref === undefined || Object.keys(at).length > 1) return at;
    at = resolveRef(at.$ref, root) ?? true;
  }
  return true;
}
