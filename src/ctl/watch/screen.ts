/**
 * Draws each frame over the last: home, every line cleared behind its text, then the rest of the screen. Nothing is cleared before
 * it is written over, so nothing flickers. What does not fit is cut, and the last line says so.
 */
import { cutLine, widthOf } from '../output/cut-line.ts';
import { printable } from '../output/format.ts';
import type { Terminal } from '../output/terminal.ts';

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export interface Heading {
  left: string;
  middle: string;
}

export function drawOnScreen(terminal: Terminal, heading: Heading) {
  let last: string | undefined;
  let at = new Date();
  const draw = (): void => {
    if (last === undefined) return;
    const { columns, rows } = terminal.size();
    const lines = [headLine(heading, at, columns), '', ...fit(last.split('\n'), rows - 2)];
    const drawn = lines.map((line) => `${cutLine(line, columns)}${CLEAR_LINE}`).join('\n');
    terminal.printPart(`${HOME}${drawn}${CLEAR_BELOW}`);
  };
  const stopListening = terminal.onResize(draw);
  return {
    frame: (text: string): Promise<void> => {
      // What stood on the screen is moved up, and stays above.
      if (last === undefined) terminal.printPart('\n'.repeat(terminal.size().rows));
      last = text;
      at = new Date();
      draw();
      return terminal.drained();
    },
    end: (): void => {
      stopListening();
      if (last !== undefined) terminal.print('');
    },
  };
}

/** `Every 2 s: erlmcpctl processes   /srv/erlmcp   2026-…`, the time at the right edge as watch(1) has it. */
function headLine({ left, middle }: Heading, at: Date, columns: number): string {
  const right = `${printable(middle)}   ${at.toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const text = printable(left);
  return `${text}${' '.repeat(Math.max(columns - widthOf(text) - widthOf(right), 3))}${right}`;
}

function fit(lines: string[], rows: number): string[] {
  if (lines.length <= rows) return lines;
  const shown = Math.max(rows - 1, 0);
  return [...lines.slice(0, shown), `... ${lines.length - shown} lines are not shown`];
}
