/** Cuts Erlang text into tokens. Numbers, strings, atoms and characters come out as the terms that they are. */
import { isBareAtom } from './print.ts';
import { syntaxError } from './problems.ts';
import { atom, float, integer, type Term, text } from './terms.ts';

export type Token =
  | { readonly type: 'value'; readonly term: Term; readonly at: number }
  | { readonly type: 'variable'; readonly name: string; readonly at: number }
  | { readonly type: 'mark'; readonly mark: string; readonly at: number }
  /** The full stop behind an expression, or the end of the text. */
  | { readonly type: 'stop'; readonly at: number };

const BLANK = /(?:\s|%[^\n]*)+/y;
const PID = /<\d{1,10}\.\d{1,10}\.\d{1,10}>/y;
const VARIABLE = /[\p{Lu}_][\p{L}\p{N}_@]*/uy;
const WORD = /\p{Ll}[\p{L}\p{N}_@]*/uy;
const FLOAT = /\d+(?:_\d+)*\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?/y;
const BASED = /(\d{1,2})#([0-9A-Za-z]+)/y;
const INTEGER = /\d+(?:_\d+)*/y;
const STOP = /\.(?=[\s%]|$)/y;
const MARK = /<<|>>|=>|:=|[(){}[\],:|=#/-]/y;

export function tokenize(source: string): Token[] {
  const lexer = new Lexer(source);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token !== undefined; token = lexer.next()) tokens.push(token);
  return tokens;
}

class Lexer {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  next(): Token | undefined {
    this.#take(BLANK);
    const at = this.#at;
    if (at >= this.#source.length) return undefined;
    if (this.#take(STOP) !== undefined) return { type: 'stop', at };
    const term = this.#term();
    if (term !== undefined) return { type: 'value', term, at };
    const name = this.#take(VARIABLE);
    if (name !== undefined) return { type: 'variable', name, at };
    const mark = this.#take(MARK);
    if (mark !== undefined) return { type: 'mark', mark, at };
    throw syntaxError(this.#source, at, String.fromCodePoint(this.#source.codePointAt(at)!));
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #term(): Term | undefined {
    const first = this.#source[this.#at];
    if (first === '"') return text(this.#quoted('"'));
    if (first === "'") return atom(this.#quoted("'"));
    if (first === '$') return this.#character();
    const word = this.#take(WORD);
    if (word !== undefined) return this.#word(word);
    const pid = this.#take(PID);
    if (pid !== undefined) return { type: 'pid', text: pid };
    return this.#number();
  }

  #word(word: string): Term {
    if (isBareAtom(word)) return atom(word);
    throw syntaxError(this.#source, this.#at - word.length, word);
  }

  #number(): Term | undefined {
    const at = this.#at;
    const real = this.#take(FLOAT)?.replaceAll('_', '');
    if (real !== undefined) return float(this.#finite(Number(real), at));
    const [, base = '', digits = ''] = this.#match(BASED) ?? [];
    if (base !== '') return this.#based(Number(base), digits, at);
    const whole = this.#take(INTEGER)?.replaceAll('_', '');
    return whole === undefined ? undefined : integer(BigInt(whole));
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #finite(value: number, at: number): number {
    if (Number.isFinite(value)) return value;
    throw syntaxError(this.#source, at, 'a number that is too large');
  }

  #based(base: number, digits: string, at: number): Term {
    const values = Array.from(digits, (digit) => Number.parseInt(digit, 36));
    if (base < 2 || base > 36 || values.some((value) => value >= base))
      throw syntaxError(this.#source, at, `${base}#${digits}`);
    return integer(values.reduce((sum, value) => sum * BigInt(base) + BigInt(value), 0n));
  }

  #character(): Term {
    this.#at += 1;
    const escaped = this.#source[this.#at] === '\\';
    const character = escaped ? this.#escape() : this.#step();
    return character.codePointAt(0)!;
  }

  #quoted(quote: string): string {
    const begin = this.#at;
    let out = '';
    this.#at += 1;
    while (this.#source[this.#at] !== quote) {
      if (this.#at >= this.#source.length)
        throw syntaxError(this.#source, begin, `a ${quote} that is not closed`);
      out += this.#source[this.#at] === '\\' ? this.#escape() : this.#step();
    }
    this.#at += 1;
    return out;
  }

  #step(): string {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw syntaxError(this.#source, this.#at, 'the end of the line');
    this.#at += code > 0xffff ? 2 : 1;
    return String.fromCodePoint(code);
  }

  /** @see https://www.erlang.org/doc/system/data_types.html#escape-sequences */
  #escape(): string {
    const at = this.#at;
    this.#at += 1;
    const [, braced, hex, octal] =
      this.#match(/x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([0-7]{1,3})/y) ?? [];
    if (braced ?? hex) return this.#fromCode(Number.parseInt((braced ?? hex)!, 16), at);
    if (octal) return this.#fromCode(Number.parseInt(octal, 8), at);
    const letter = this.#step();
    return LETTERS[letter] ?? letter;
  }

  #fromCode(code: number, at: number): string {
    if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
    throw syntaxError(this.#source, at, 'a character that does not exist');
  }
}

const LETTERS: Readonly<Record<string, string>> = {
  b: '\b',
  d: '\u007f',
  e: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
};
