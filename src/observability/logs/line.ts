/**
 * One record, one line. Whatever a client or a release puts into a message or a field, the line stays one line, starts
 * with time and level, and holds nothing that a terminal would obey.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogRecord {
  /** Milliseconds since 1970. */
  time: number;
  level: LogLevel;
  message: string;
  component: string;
  fields: LogFields;
}

/** The words between the brackets, as the runbook greps for them. */
const TAGS: Readonly<Record<LogLevel, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
};

/** Longest message or field in characters: beyond it a hostile client could fill a log file with one line. */
const MAX_TEXT = 16_384;

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const BARE_VALUE = /^[^\s"=\\]+$/u;

/** Control characters (ANSI sequences begin with one), line separators and bidi overrides become visible escapes. */
export function escapeText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...(${text.length - MAX_TEXT} more)` : text;
  return cut.toWellFormed().replace(UNPRINTABLE, escapeCharacter);
}

/** `2026-11-24T07:00:00.123Z [INFO] Upgrade to 3.0.0 started key=value component=upgrade`, with its newline. */
export function formatLine(record: LogRecord): string {
  const head = `${new Date(record.time).toISOString()} [${TAGS[record.level]}] ${escapeText(record.message)}`;
  const fields = Object.entries(record.fields).map(
    ([key, value]) => ` ${formatKey(key)}=${formatValue(value)}`,
  );
  return `${head}${fields.join('')} component=${formatValue(record.component)}\n`;
}

function formatKey(key: string): string {
  return escapeText(key).replace(/[\s="]/gu, '_');
}

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const escaped = escapeText(text);
  if (typeof value !== 'string' || (escaped === text && BARE_VALUE.test(text))) return escaped;
  return escapeText(JSON.stringify(text.length > MAX_TEXT ? escaped : text));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  const short = SHORT[character];
  if (short !== undefined) return short;
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');
