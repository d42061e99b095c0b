/**
 * The only things in a shown output that may differ from what comes out: times, pids and sizes. Each is strict, so that a line can
 * not pass by luck; runs of blanks count as one, since columns are as wide as what stands in them.
 */

/** Name → what it stands for, whole. The document lists the same names. */
export const WILDCARDS: Readonly<Record<string, RegExp>> = {
  /** As logs and tables print it, and with dashes as the folder of a backup has it. */
  time: /\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(?:\.\d{1,3})?Z/,
  /** As `erlmcpctl` prints it. */
  duration: /(?:\d+(?:\.\d+)? (?:ms|s)|\d+ min \d\d s|\d+ h \d\d min|\d+ d \d\d h)/,
  /** Milliseconds without their unit, as the logs' fields have them. */
  ms: /\d+(?:\.\d+)?/,
  /** Of the system, or of a process in the node: `4711`, `<0.12.0>`. */
  pid: /(?:\d+|<\d+\.\d+\.\d+>)/,
  /** `512 MB`, `1.5 KiB`, or bytes without their unit. */
  size: /\d+(?:\.\d+)?(?: ?(?:B|[KMG]i?B))?/,
  /** Of a runner, counted since the node was started: `r3`. */
  runner: /r\d+/,
};

const WORD = /<([a-z_]+)>/g;

/** Names in angle brackets that are no wildcard. */
export const unknownWildcards = (line: string): string[] =>
  [...line.matchAll(WORD)].map(([, name = '']) => name).filter((name) => !(name in WILDCARDS));

export const collapse = (line: string): string => line.replace(/[ \t]+/g, ' ').trimEnd();

export function lineMatches(expected: string, actual: string): boolean {
  const pattern = collapse(expected)
    .split(WORD)
    .map((part, index) =>
      index % 2 === 0 ? escaped(part) : (WILDCARDS[part]?.source ?? escaped(`<${part}>`)),
    )
    .join('');
  return new RegExp(`^${pattern}$`).test(collapse(actual));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
