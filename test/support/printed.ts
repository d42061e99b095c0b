/** Reads what erlmcpctl prints for people: tables whose columns are two spaces or more apart. */
export type PrintedRow = Readonly<Record<string, string>>;

/** The head of a column, of the text of its requirement: `ROWS` of `ETS_TABLES ROWS`. */
export const headOf = (text: string): string => text.slice(text.indexOf(' ') + 1);

/** The name of a command, of the text of its requirement: `queues` of `erlmcpctl queues`. */
export function commandOf(text: string): string {
  const [, name] = text.split(' ');
  if (name === undefined) throw new Error(`no command is named in ${text}`);
  return name;
}

/** The rows of the table whose first head this is, each by head. */
export function printedRows(stdout: string, firstHead: string): PrintedRow[] {
  const block = stdout.split(/\n\n+/).find((text) => text === firstHead || text.startsWith(`${firstHead}  `));
  if (block === undefined) throw new Error(`no table begins with ${firstHead} in:\n${stdout}`);
  const [heads = [], ...rows] = block.trimEnd().split('\n').map(cells);
  return rows.map((row) => Object.fromEntries(heads.map((head, at) => [head, row[at] ?? ''])));
}

/** The row whose first cell is this text, or begins with it. */
export function printedRow(stdout: string, firstHead: string, first: string): PrintedRow {
  const rows = printedRows(stdout, firstHead);
  const found =
    rows.find((row) => row[firstHead] === first) ?? rows.find((row) => row[firstHead]?.startsWith(first));
  if (found === undefined) throw new Error(`no row ${first} in:\n${stdout}`);
  return found;
}

const cells = (line: string): string[] => line.trim().split(/ {2,}/);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes of `28 KiB`, as exact as it is printed. */
export function printedBytes(text: string | undefined): number {
  const [number, unit = ''] = (text ?? '').split(' ');
  const power = UNITS.indexOf(unit);
  if (power < 0) throw new Error(`${text} is no size`);
  return Number(number) * 1024 ** power;
}
