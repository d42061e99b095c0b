/** Tables without rules: columns of text under bold headings, easy to read and to cut. */
import Table from 'cli-table3';
import { printable } from './format.ts';
import type { Terminal } from './terminal.ts';

type Cell = string | number;

export interface Column<Row> {
  head: string;
  cell: (row: Row) => Cell;
  align?: 'left' | 'right';
  style?: (row: Row) => 'red' | 'yellow' | 'green' | undefined;
}

/** cli-table3 takes time with the square of a table's rows: 5 s for 10,000, measured. */
const ROWS_AT_ONCE = 250;

export function table<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): string {
  const heads = columns.map(({ head }) => terminal.style('bold', head));
  const texts = rows.map((row) => columns.map(({ cell }) => printable(String(cell(row)))));
  const ruler = columns.map(({ head }, at) => longest(head, texts, at));
  const coloured = texts.map((cells, y) =>
    cells.map((text, x) => {
      const colour = columns[x]!.style?.(rows[y]!);
      return colour ? terminal.style(colour, text) : text;
    }),
  );
  const lines = draw([heads, ...coloured.slice(0, ROWS_AT_ONCE)], ruler, columns);
  for (let at = ROWS_AT_ONCE; at < rows.length; at += ROWS_AT_ONCE) {
    lines.push(...draw(coloured.slice(at, at + ROWS_AT_ONCE), ruler, columns));
  }
  return lines.join('\n');
}

function longest(head: string, texts: readonly string[][], column: number): string {
  let found = head;
  for (const cells of texts) if (cells[column]!.length > found.length) found = cells[column]!;
  return found;
}

/** Some rows of a table; the ruler, drawn and taken off again, makes the columns as wide as in the rest of it. */
function draw(
  rows: readonly string[][],
  ruler: string[],
  columns: readonly { align?: 'left' | 'right' }[],
): string[] {
  const text = new Table({
    chars: NO_RULES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  text.push(...rows, ruler);
  const lines = text
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return lines.slice(0, rows.length);
}

/** `key   value` lines. */
export function pairs(terminal: Terminal, entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([key]) => key.length)) + 2;
  return entries.map(([key, value]) => terminal.style('bold', key.padEnd(width)) + value).join('\n');
}

const NO_RULES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
