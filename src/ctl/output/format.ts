/** Values as people read them. */

/** `120 ms`, `4.2 s`, `3 min 05 s`, `2 h 03 min`, `5 d 02 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? round(ms, 1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${round(seconds, 1)} s`;
  if (seconds < 3600) return pair(seconds, 60, 'min', 1, 's');
  if (seconds < 86_400) return pair(seconds, 3600, 'h', 60, 'min');
  return pair(seconds, 86_400, 'd', 3600, 'h');
}

export const seconds = (value: number): string => duration(value * 1000);

function pair(value: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const whole = Math.floor(value / big);
  const rest = Math.floor((value % big) / small);
  return `${whole} ${bigUnit} ${String(rest).padStart(2, '0')} ${smallUnit}`;
}

export const round = (value: number, digits: number): number => {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
};

export const optional = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined ? '-' : String(value);

/** `+12.5 %` */
export const change = (percent: number | null | undefined): string =>
  percent === null || percent === undefined ? '-' : `${percent > 0 ? '+' : ''}${round(percent, 1)} %`;

/** Names come from clients and releases: a terminal must not obey what is in them. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
