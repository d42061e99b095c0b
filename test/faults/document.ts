/** The matrix as a page: what `npm run faults` found. */
import { type Cell, FAULT_TITLES, FAULTS, nameOf, notApplicable, PHASES } from './matrix.ts';

/** By the name of the cell: what was not as it has to be. */
export type Results = ReadonlyMap<string, readonly string[]>;

export function document(results: Results): string {
  const notes: string[] = [];
  const mark = (text: string): string => {
    if (!notes.includes(text)) notes.push(text);
    return `<sup>${notes.indexOf(text) + 1}</sup>`;
  };
  const entry = (cell: Cell): string => {
    const reason = notApplicable(cell);
    if (reason !== undefined) return `n/a${mark(reason)}`;
    const problems = results.get(nameOf(cell)) ?? ['it was not played'];
    return problems.length === 0 ? 'ok' : `FAILED${mark(problems.join('; '))}`;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = PHASES.map((phase) =>
    row([`\`${phase}\``, ...FAULTS.map((fault) => entry({ phase, fault }))]),
  );
  return [
    INTRODUCTION,
    row(['phase', ...FAULTS.map((fault) => FAULT_TITLES[fault])]),
    row(['---', ...FAULTS.map(() => '---')]),
    ...rows,
    '',
    ...notes.map((note, at) => `${at + 1}. ${note}`),
    '',
  ].join('\n');
}

const INTRODUCTION = `# Faults in an upgrade

Written by \`npm run faults\`. Each cell is an upgrade of a live node, under the load of clients of the official SDKs, in which this goes wrong in this
phase. A cell is \`ok\` when afterwards

- the node serves, on exactly one active version, and \`upgrade.sh\` has said so;
- every row of the store can be read, and its index agrees with the rows;
- every write that was acknowledged is there, and the counter, a server's state, has neither repeated nor skipped unless its process was killed;
- no session is lost, and no stream dropped unless the host was killed;
- every request was answered: with an error only where the process that held it was killed or the disk was full, and by a
  broken connection only where the host was killed;
- the log has the lines that the runbook names for such an end;
- after \`stop\` no process is left.
`;
