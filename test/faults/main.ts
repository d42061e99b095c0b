/**
 * `npm run faults [-- --only phase:fault | --pairwise]`: plays every cell of the matrix, one line each, and writes the table to
 * docs/faults.md when all were played. Exits 1 if one failed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../support/test-node.ts';
import { play } from './cell.ts';
import { document, type Results } from './document.ts';
import { CELLS, type Cell, nameOf, pairwise, parseCell } from './matrix.ts';
import { buildFaulty } from './release/packages.ts';

const HELP = `Usage: npm run faults -- [options]

Plays each fault in each phase of an upgrade, under the load of clients, and looks at everything afterwards.
  --only <phase:fault>  one cell; may be given several times. A phase or a fault alone stands for all of its cells
  --pairwise            each phase and each fault at least once
  --jobs <n>            cells at a time, default 1
`;

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function readOptions(): { cells: readonly Cell[]; jobs: number } | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      pairwise: { type: 'boolean' },
      jobs: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) throw new TypeError(`--jobs ${values.jobs} is no number of cells`);
  if (values.only) return { cells: values.only.flatMap(chosen), jobs };
  return { cells: values.pairwise ? pairwise() : CELLS, jobs };
}

function chosen(text: string): readonly Cell[] {
  const cells = CELLS.filter(({ phase, fault }) => phase === text || fault === text);
  return cells.length > 0 ? cells : [parseCell(text)];
}

async function playAll(cells: readonly Cell[], jobs: number): Promise<Results> {
  const packages = mkdtempSync(join(tmpdir(), 'erlmcp-fault-packages-'));
  const results: Map<string, string[]> = new Map();
  const left = [...cells];
  const work = async (): Promise<void> => {
    for (let cell = left.shift(); cell; cell = left.shift()) {
      const { problems, ms } = await play(cell, packages);
      results.set(nameOf(cell), problems);
      say(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${nameOf(cell)} (${(ms / 1_000).toFixed(1)} s)`);
      for (const problem of problems) say(`         ${problem}`);
    }
  };
  try {
    await buildFaulty(packages);
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    rmSync(packages, { recursive: true, force: true });
  }
  return results;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    say(HELP);
    return 0;
  }
  const results = await playAll(options.cells, options.jobs);
  const failed = [...results.values()].filter((problems) => problems.length > 0).length;
  if (results.size === CELLS.length) writeFileSync(join(ROOT, 'docs/faults.md'), document(results));
  say(`${results.size} cells, ${failed} failed.`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(
    `faults: ${error instanceof TypeError ? error.message : ((error as Error).stack ?? error)}\n`,
  );
  return error instanceof TypeError ? 64 : 1;
});
