/** Which lines of a log are shown, and how. */
import { printable } from '../output/format.ts';
import type { Style, Terminal } from '../output/terminal.ts';
import { LEVELS, type Level, levelOf, parseLine } from './parse-line.ts';

export interface LineView {
  keep: (line: string) => boolean;
  show: (line: string) => string;
}

const STYLES: Readonly<Record<Level, Style | undefined>> = {
  debug: 'dim',
  info: undefined,
  warn: 'yellow',
  error: 'red',
};

/** @param least the lowest level that is shown; undefined: everything, lines without a level too. */
export function lineView(terminal: Terminal, json: boolean, least: Level | undefined): LineView {
  const rank = least === undefined ? -1 : LEVELS.indexOf(least);
  return {
    keep: (line) => {
      if (line === '') return false;
      const level = rank < 0 ? undefined : levelOf(line);
      return rank < 0 || (level !== undefined && LEVELS.indexOf(level) >= rank);
    },
    show: (line) => {
      if (json) return JSON.stringify(parseLine(line));
      const level = terminal.interactive ? levelOf(line) : undefined;
      const style = level && STYLES[level];
      return style ? terminal.style(style, printable(line)) : printable(line);
    },
  };
}
