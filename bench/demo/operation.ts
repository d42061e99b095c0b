/** Runs `scripts/upgrade.sh` or `scripts/downgrade.sh` as an operator would, shows its lines and keeps its phases. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startChild } from '../child.ts';
import { type NodeUnderTest, PROJECT } from '../node-under-test.ts';

export interface Phase {
  name: string;
  state: string;
  time: string;
}

export interface Operation {
  command: string;
  exitCode: number | null;
  phases: Phase[];
  started: number;
  ended: number;
}

const PHASE_LINE = /^(\w+) \.\.\. (\w+)(?: ([\d.,]+ ?\w+))?/;
const TIMEOUT_MS = 120_000;

export async function runScript(
  node: NodeUnderTest,
  script: 'upgrade.sh' | 'downgrade.sh',
  version: string,
  onLine: (line: string) => void,
): Promise<Operation> {
  const started = performance.now();
  const child = startChild(join(PROJECT, 'scripts', script), [version], { env: node.env, cwd: node.home });
  const phases: Phase[] = [];
  const take = (line: string): void => {
    onLine(line);
    const [, name, state, time = ''] = PHASE_LINE.exec(line) ?? [];
    if (name && state) phases.push({ name, state, time });
  };
  for (const stream of [child.process.stdout, child.process.stderr])
    createInterface({ input: stream! }).on('line', take);
  child.process.stdin?.end();
  const timer = setTimeout(() => void child.stop(), TIMEOUT_MS);
  const exitCode = await child.exited.finally(() => clearTimeout(timer));
  return { command: `scripts/${script} ${version}`, exitCode, phases, started, ended: performance.now() };
}
