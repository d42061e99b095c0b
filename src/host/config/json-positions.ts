/**
 * JSON with the place of every key. JSON.parse tells neither the line of a value nor that a key stands twice (it takes
 * the last); both matter where an operator is told what to mend. Accepts exactly RFC 8259.
 */

export type JsonPath = readonly (string | number)[];

export interface Position {
  /** Counted from 1. */
  line: number;
  column: number;
}

export interface PositionedJson {
  value: unknown;
  /** Where the key of this path stands, or the nearest of its parents that is there. */
  positionOf(path: JsonPath): Position;
}

export class JsonSyntaxError extends Error {
  readonly position: Position;
  constructor(what: string, position: Position) {
    super(what);
    this.position = position;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
/** Deeper nesting is no configuration, and would exhaust the stack. */
const MAX_DEPTH = 100;

export function parseJson(text: string): PositionedJson {
  const offsets = new Map<string, number>();
  const value = new Parser(text, offsets).parse();
  return {
    value,
    positionOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const offset = offsets.get(pointer(path.slice(0, length)));
        if (offset !== undefined) return positionAt(text, offset);
      }
      return positionAt(text, offsets.get('') ?? 0);
    },
  };
}

const pointer = (path: JsonPath): string => path.map((part) => `/${JSON.stringify(String(part))}`).join('');

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

class Parser {
  readonly #text: string;
  readonly #offsets: Map<string, number>;
  #at = 0;

  constructor(text: string, offsets: Map<string, number>) {
    this.#text = text;
    this.#offsets = offsets;
  }

  parse(): unknown {
    this.#skipSpace();
    this.#offsets.set('', this.#at);
    const value = this.#value([]);
    this.#skipSpace();
    if (this.#at < this.#text.length)
      this.#fail(`nothing may follow the value, but there is ${this.#found()}`);
    return value;
  }

  #value(path: JsonPath): unknown {
    if (path.length > MAX_DEPTH) this.#fail('nested too deeply');
    const next = this.#text[this.#at];
    if (next === '{') return this.#object(path);
    if (next === '[') return this.#array(path);
    if (next === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== '') return Number(number);
    for (const [word, value] of LITERALS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#fail(`a value was expected, but there is ${this.#found()}`);
  }

  #object(path: JsonPath): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    this.#items('}', () => {
      const start = this.#at;
      if (this.#text[start] !== '"')
        this.#fail(`a key in double quotes was expected, but there is ${this.#found()}`);
      const key = this.#string();
      if (entries.has(key)) this.#fail(`the key ${JSON.stringify(key)} stands twice`, start);
      this.#offsets.set(pointer([...path, key]), start);
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') this.#fail(`":" was expected, but there is ${this.#found()}`);
      this.#at += 1;
      this.#skipSpace();
      entries.set(key, this.#value([...path, key]));
    });
    return Object.fromEntries(entries);
  }

  #array(path: JsonPath): unknown[] {
    const values: unknown[] = [];
    this.#items(']', () => {
      const itemPath = [...path, values.length];
      this.#offsets.set(pointer(itemPath), this.#at);
      values.push(this.#value(itemPath));
    });
    return values;
  }

  #items(close: string, readItem: () => void): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      readItem();
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== close)
        this.#fail(`"," or "${close}" was expected, but there is ${this.#found()}`);
      this.#at += 1;
      if (next === close) return;
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at;
    const literal = this.#match(STRING);
    if (literal === '') this.#fail('a text is not closed');
    try {
      return JSON.parse(literal) as string;
    } catch {
      return this.#fail('a text holds a line break, a control character or a wrong escape', start);
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #found(): string {
    const character = this.#text[this.#at];
    if (character === undefined) return 'the end of the file';
    if (this.#text.startsWith('//', this.#at) || this.#text.startsWith('/*', this.#at))
      return 'a comment (JSON has none)';
    return JSON.stringify(character);
  }

  #fail(what: string, offset = this.#at): never {
    throw new JsonSyntaxError(what, positionAt(this.#text, offset));
  }
}
