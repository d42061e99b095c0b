/**
 * What somebody types into the console: its language, and whether it is complete. Erlang is what ends with a full stop, or begins
 * as nothing but Erlang can (`module:function(`, `{ok, X} =`, `X = module:`, `#{`, `<<`, `%`); all else is TypeScript. Free of
 * zod, so that erlmcpctl can load it cheaply.
 */

export type ConsoleLanguage = 'erlang' | 'typescript';

export interface ConsoleInput {
  language: ConsoleLanguage;
  /** Nothing has to follow. */
  complete: boolean;
  /** One after the other; in Erlang each ends with a full stop, but the last where it is not complete. */
  expressions: string[];
}

const BEGINS_AS_ERLANG =
  /^(?:%|<<|#\{|\{[^{}=]*\}\s*=(?![=>])|[A-Z_]\w*\s*=\s*(?:$|[a-z]\w*\s*:[^:])|[a-z]\w*\s*:\s*[a-z]\w*\s*\()/;

export function readInput(text: string): ConsoleInput {
  const { expressions, rest } = splitErlang(text);
  const unended = rest.trim() !== '';
  const erlang = BEGINS_AS_ERLANG.test(text.trimStart()) || (expressions.length > 0 && !unended);
  if (erlang)
    return {
      language: 'erlang',
      complete: !unended,
      expressions: unended ? [...expressions, rest] : expressions,
    };
  return { language: 'typescript', complete: !isOpen(text, TYPESCRIPT), expressions: [text] };
}

interface Syntax {
  quotes: string;
  /** Where one begins, from an index on: how it ends. */
  comment(text: string, at: number): string | undefined;
}

const ERLANG: Syntax = { quotes: '"\'', comment: (text, at) => (text[at] === '%' ? '\n' : undefined) };
const TYPESCRIPT: Syntax = {
  quotes: '"\'`',
  comment: (text, at) => (text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : undefined),
};

/** Behind the quoted text or comment that begins at an index; Infinity where it does not end; the index where none begins. */
function skip(text: string, at: number, { quotes, comment }: Syntax): number {
  const end = comment(text, at);
  if (end !== undefined) {
    const found = text.indexOf(end, at + 1);
    if (found >= 0) return found + end.length;
    return end === '\n' ? text.length : Number.POSITIVE_INFINITY;
  }
  const quote = text[at]!;
  if (!quotes.includes(quote)) return at;
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next++;
    else if (text[next] === quote) return next + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** Cuts after each full stop, that is, one with a blank, a comment or nothing behind it. Comments that stand alone are dropped. */
function splitErlang(text: string): { expressions: string[]; rest: string } {
  const expressions: string[] = [];
  let begin = 0;
  let blank = true;
  for (let at = 0; at < text.length; ) {
    const behind = skip(text, at, ERLANG);
    const isComment = text[at] === '%';
    if (isComment && blank) begin = behind;
    if (behind !== at) {
      blank &&= isComment;
      at = behind;
      continue;
    }
    if (text[at] === '$') at += text[at + 1] === '\\' ? 2 : 1;
    else if (text[at] === '.' && /^(?:[\s%]|$)/.test(text.slice(at + 1, at + 2))) {
      expressions.push(text.slice(begin, at + 1).trim());
      begin = at + 1;
      blank = true;
      at += 1;
      continue;
    }
    if (!/\s/.test(text[at] ?? ' ')) blank = false;
    at += 1;
  }
  return { expressions, rest: text.slice(begin) };
}

/** Whether a bracket, a text or a comment is still open. */
function isOpen(text: string, syntax: Syntax): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const behind = skip(text, at, syntax);
    if (behind === Number.POSITIVE_INFINITY) return text[at] === '`' || text[at] === '/';
    if (behind === at) {
      if ('([{'.includes(text[at]!)) depth++;
      else if (')]}'.includes(text[at]!)) depth--;
    }
    at = Math.max(behind, at + 1);
  }
  return depth > 0;
}
