/** Writes a term on one line, as Erlang's `~0p` does with `+pc unicode`, but that no character is left which a terminal obeys. */
import { isPrintable, isPrintableText, type Term } from './terms.ts';

const BARE_ATOM = /^[a-zß-öø-ÿ][\p{L}\p{N}_@]*$/u;
const LATIN = /^[ -ÿ]*$/u;
const RESERVED = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or ' +
    'orelse receive rem try when xor'
  ).split(' '),
);
const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\v': '\\v',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '\\': '\\\\',
};
export function print(term: Term): string {
  if (typeof term === 'string') return quote(term, '"');
  if (typeof term !== 'object') return String(term);
  switch (term.type) {
    case 'atom':
      return printAtom(term.name);
    case 'float':
      return printFloat(term.value);
    case 'pid':
      return term.text;
    case 'binary':
      return printBinary(term.bytes);
    case 'tuple':
      return `{${term.elements.map(print).join(',')}}`;
    case 'list':
      return `[${term.elements.map(print).join(',')}]`;
    case 'map':
      return `#{${term.pairs.map(printPair).join(',')}}`;
  }
}

export const printPair = ([key, value]: readonly [Term, Term]): string => `${print(key)} => ${print(value)}`;

export const isBareAtom = (name: string): boolean => BARE_ATOM.test(name) && !RESERVED.has(name);

const printAtom = (name: string): string => (isBareAtom(name) && LATIN.test(name) ? name : quote(name, "'"));

/** Most texts have nothing to escape: asking that of all of it at once is what keeps long output fast. */
const ESCAPED = /["'\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const EACH_ESCAPED = new RegExp(ESCAPED, 'gu');

function quote(text: string, mark: '"' | "'"): string {
  if (!ESCAPED.test(text)) return mark + text + mark;
  const escaped = text.replace(EACH_ESCAPED, (character) => {
    if (character === '"' || character === "'") return character === mark ? `\\${mark}` : character;
    return ESCAPES[character] ?? hexEscape(character);
  });
  return mark + escaped + mark;
}

const hexEscape = (character: string): string =>
  `\\x{${character.codePointAt(0)!.toString(16).toUpperCase()}}`;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function printBinary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<<>>';
  const text = textOf(bytes);
  if (text !== undefined) return `<<${quote(text, '"')}${bytes.some((byte) => byte > 127) ? '/utf8' : ''}>>`;
  if (bytes.every(isPrintable)) return `<<${quote(Buffer.from(bytes).toString('latin1'), '"')}>>`;
  return `<<${bytes.join(',')}>>`;
}

/** The text that the bytes are in UTF-8, if all of it is printable. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return isPrintableText(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The shortest digits that read back as the value; with an exponent where that is shorter, or the number not exact. */
function printFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  return sign + placePoint(digits, Number(exponent) + 1, Math.abs(value) < 2 ** 53);
}

/** `point`: how many of the digits stand before the decimal point; may lie outside of them. */
function placePoint(digits: string, point: number, exact: boolean): string {
  if (point > 0 && point < digits.length) {
    if (exact) return `${digits.slice(0, point)}.${digits.slice(point)}`;
    return withExponent(digits, point - 1);
  }
  if (point === 0) return `0.${digits}`;
  const scientific = withExponent(digits, point - 1);
  const plain =
    point < 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : `${digits}${'0'.repeat(Math.max(point - digits.length, 0))}.0`;
  return exact && plain.length <= scientific.length ? plain : scientific;
}

const withExponent = (digits: string, exponent: number): string =>
  `${digits[0]}.${digits.slice(1) || '0'}e${exponent}`;
