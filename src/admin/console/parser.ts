/** Text to trees, by recursive descent: terms, patterns, matches and calls, and nothing else of Erlang. */
import { type Token, tokenize } from './lexer.ts';
import { syntaxError } from './problems.ts';
import { type Expression, SHELL } from './syntax.ts';
import { binary, elementsOf, isAtom, list, MAX_DEPTH, type Term } from './terms.ts';

/** The expressions of a text, each ended by a full stop; behind the last one it may be missing. Throws `{syntax_error, Line, Column}`. */
export const parse = (source: string): Expression[] => new Parser(source).all();

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  all(): Expression[] {
    const expressions: Expression[] = [];
    while (this.#next < this.#tokens.length) {
      expressions.push(this.#expression());
      if (this.#token?.type === 'stop') this.#next += 1;
      else if (this.#token !== undefined) this.#fail();
    }
    return expressions;
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #fail(): never {
    const token = this.#token;
    if (token === undefined || token.type === 'stop')
      throw syntaxError(this.#source, token?.at ?? this.#source.length, 'the end of the expression');
    const end = this.#tokens[this.#next + 1]?.at ?? this.#source.length;
    throw syntaxError(this.#source, token.at, this.#source.slice(token.at, end).trim());
  }

  #takes(mark: string): boolean {
    const token = this.#token;
    if (token?.type !== 'mark' || token.mark !== mark) return false;
    this.#next += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#takes(mark)) this.#fail();
  }

  /** `Pattern = Expression`, from the right. */
  #expression(): Expression {
    if (++this.#depth > MAX_DEPTH)
      throw syntaxError(this.#source, this.#token?.at ?? 0, `what is nested more than ${MAX_DEPTH} deep`);
    const pattern = this.#primary();
    const at = this.#next;
    const expression: Expression = this.#takes('=')
      ? { type: 'match', pattern: this.#asPattern(pattern, at), value: this.#expression() }
      : pattern;
    this.#depth -= 1;
    return expression;
  }

  #asPattern(pattern: Expression, at: number): Expression {
    if (!hasCall(pattern)) return pattern;
    this.#next = at;
    return this.#fail();
  }

  #primary(): Expression {
    const token = this.#token;
    if (token?.type === 'value') return this.#valueOrCall(token.term);
    if (token?.type === 'variable') {
      this.#next += 1;
      return { type: 'variable', name: token.name };
    }
    if (this.#takes('{')) return { type: 'tuple', elements: this.#elements('}') };
    if (this.#takes('[')) return this.#list();
    if (this.#takes('#')) return this.#map();
    if (this.#takes('<<')) return { type: 'value', term: this.#binary() };
    if (this.#takes('-')) return { type: 'value', term: this.#negative() };
    if (this.#takes('(')) return this.#inBrackets();
    return this.#fail();
  }

  #inBrackets(): Expression {
    const expression = this.#expression();
    this.#expect(')');
    return expression;
  }

  #valueOrCall(term: Term): Expression {
    this.#next += 1;
    if (!isAtom(term)) return { type: 'value', term: this.#joined(term) };
    if (this.#takes('(')) return { type: 'call', module: SHELL, name: term.name, args: this.#elements(')') };
    if (!this.#takes(':')) return { type: 'value', term };
    const token = this.#token;
    if (token?.type !== 'value' || !isAtom(token.term)) return this.#fail();
    this.#next += 1;
    this.#expect('(');
    return { type: 'call', module: term.name, name: token.term.name, args: this.#elements(')') };
  }

  /** Strings that stand beside each other are one. */
  #joined(first: Term): Term {
    const strings = [first];
    for (let token = this.#token; token?.type === 'value'; token = this.#token) {
      if (elementsOf(first) === undefined || elementsOf(token.term) === undefined) break;
      strings.push(token.term);
      this.#next += 1;
    }
    return strings.length === 1 ? first : list(strings.flatMap((string) => elementsOf(string) ?? []));
  }

  #elements(close: string): Expression[] {
    if (this.#takes(close)) return [];
    const elements: Expression[] = [];
    do elements.push(this.#expression());
    while (this.#takes(','));
    this.#expect(close);
    return elements;
  }

  #list(): Expression {
    if (this.#takes(']')) return { type: 'list', elements: [], rest: undefined };
    const elements: Expression[] = [];
    do elements.push(this.#expression());
    while (this.#takes(','));
    const rest = this.#takes('|') ? this.#expression() : undefined;
    this.#expect(']');
    return { type: 'list', elements, rest };
  }

  #map(): Expression {
    this.#expect('{');
    const pairs: [Expression, Expression][] = [];
    if (this.#takes('}')) return { type: 'map', pairs };
    do {
      const key = this.#expression();
      if (!this.#takes('=>')) this.#expect(':=');
      pairs.push([key, this.#expression()]);
    } while (this.#takes(','));
    this.#expect('}');
    return { type: 'map', pairs };
  }

  #negative(): Term {
    const token = this.#token;
    const term = token?.type === 'value' ? token.term : undefined;
    if (
      typeof term !== 'number' &&
      typeof term !== 'bigint' &&
      !(typeof term === 'object' && term.type === 'float')
    )
      return this.#fail();
    this.#next += 1;
    if (typeof term === 'object') return { type: 'float', value: -term.value };
    return typeof term === 'number' ? 0 - term : -term;
  }

  /** `<<"text">>`, `<<"text"/utf8>>`, `<<1, 2, 255>>`. */
  #binary(): Term {
    if (this.#takes('>>')) return binary('');
    const parts: Uint8Array[] = [];
    do parts.push(this.#segment());
    while (this.#takes(','));
    this.#expect('>>');
    return { type: 'binary', bytes: Buffer.concat(parts) };
  }

  #segment(): Uint8Array {
    const token = this.#token;
    const at = this.#next;
    if (token?.type !== 'value') return this.#fail();
    this.#next += 1;
    const codes = typeof token.term === 'number' ? [token.term] : elementsOf(token.term);
    if (this.#takes('/')) {
      const kind = this.#token;
      if (kind?.type !== 'value' || !isAtom(kind.term) || kind.term.name !== 'utf8') return this.#fail();
      this.#next += 1;
      if (codes !== undefined)
        return Buffer.from(codes.map((code) => String.fromCodePoint(Number(code))).join(''));
    } else if (codes?.every((code) => typeof code === 'number' && code >= 0 && code < 256))
      return Uint8Array.from(codes as number[]);
    this.#next = at;
    return this.#fail();
  }
}

function hasCall(expression: Expression): boolean {
  switch (expression.type) {
    case 'call':
      return true;
    case 'tuple':
      return expression.elements.some(hasCall);
    case 'list':
      return expression.elements.some(hasCall) || (expression.rest !== undefined && hasCall(expression.rest));
    case 'map':
      return expression.pairs.some(([key, value]) => hasCall(key) || hasCall(value));
    case 'match':
      return hasCall(expression.pattern) || hasCall(expression.value);
    default:
      return false;
  }
}
