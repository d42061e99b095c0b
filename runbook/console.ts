/** The node's own console: an `erlang` block is typed into it, and left with `q().`, as an operator does. */
import type { Command } from './commands.ts';
import type { Block } from './document.ts';

const OPENS = /^(?:erl\b.*\s-remsh\b|erlmcpctl remote_console\b)/;
const DEFAULT = 'erlmcpctl remote_console';

/** The first line of a block may open the console; else it is opened as the document's other pages do. */
export function openingOf({ commands, line }: Block): { command: Command; expressions: Command[] } {
  const [first, ...rest] = commands;
  if (first && OPENS.test(first.text)) return { command: first, expressions: rest };
  return { command: { text: DEFAULT, line }, expressions: commands };
}

export const typedInto = (expressions: readonly Command[]): string =>
  [...expressions.map(({ text }) => text), 'q().', ''].join('\n');
