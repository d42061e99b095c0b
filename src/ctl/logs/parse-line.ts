/**
 * A line of a log file taken apart again. The node writes `<time> [LEVEL] <message> key=value … component=<name>`, and into
 * console.log `<time> [<source>] <text>`. A message that ends like a field can't be told from one, and is taken as one.
 */

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

const HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[([^\]]*)\] ?/;
const TAGS: Readonly<Record<string, Level>> = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };

export type Parsed = Readonly<Record<string, unknown>>;

/** Undefined where the line has none. */
export function levelOf(line: string): Level | undefined {
  const tag = HEAD.exec(line)?.[2];
  return tag === undefined ? undefined : TAGS[tag];
}

/** `{time, level, component, message, fields}`; of console.log `{time, source, message}`; of any other line `{message}`. */
export function parseLine(line: string): Parsed {
  const [head, time, tag = ''] = HEAD.exec(line) ?? [];
  if (head === undefined) return { message: line };
  const rest = line.slice(head.length);
  const level = TAGS[tag];
  if (level === undefined) return { time, source: tag, message: rest };
  const { message, fields } = splitFields(rest);
  const { component, ...others } = fields;
  return { time, level, ...(component === undefined ? {} : { component }), message, fields: others };
}

/** The fields reach to the end of the line: the first place from which everything is a field is where they begin. */
function splitFields(text: string): { message: string; fields: Record<string, unknown> } {
  for (let start = text.indexOf(' '); start !== -1; ) {
    const { fields, end } = readFields(text, start);
    if (end === text.length && 'component' in fields) return { message: text.slice(0, start), fields };
    start = text.indexOf(' ', Math.max(end, start + 1));
  }
  return { message: text, fields: {} };
}

const KEY = / ([^\s="]+)=/y;
const BARE = /[^\s"=\\]+/y;

/** @returns the fields from `start` on, and where they end: at the end of the text, or at what is none. */
function readFields(text: string, start: number): { fields: Record<string, unknown>; end: number } {
  const fields: Record<string, unknown> = Object.create(null);
  let at = start;
  while (at < text.length) {
    KEY.lastIndex = at;
    const key = KEY.exec(text)?.[1];
    const end = key === undefined ? undefined : endOfValue(text, KEY.lastIndex);
    if (key === undefined || end === undefined) return { fields, end: at };
    fields[key] = fieldValue(text.slice(KEY.lastIndex, end));
    at = end;
  }
  return { fields, end: at };
}

function endOfValue(text: string, start: number): number | undefined {
  const first = text[start];
  const end =
    first === '"' || first === '{' || first === '[' ? endOfJson(text, start) : endOfBare(text, start);
  return end !== undefined && (end === text.length || text[end] === ' ') ? end : undefined;
}

function endOfBare(text: string, start: number): number | undefined {
  BARE.lastIndex = start;
  return BARE.test(text) ? BARE.lastIndex : undefined;
}

function endOfJson(text: string, start: number): number | undefined {
  let depth = 0;
  let inText = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inText && character === '\\') at++;
    else if (character === '"') inText = !inText;
    else if (!inText && (character === '{' || character === '[')) depth++;
    else if (!inText && (character === '}' || character === ']')) depth--;
    if (!inText && depth === 0) return at + 1;
  }
  return undefined;
}

/** A text that was escaped for the terminal as well is no JSON any more, and stays as it stands. */
function fieldValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
