/**
 * Part of the new release of the matrix: its code goes wrong at one point, as `faults/plan.json` of the node's home says. Without
 * imports, so that the lenses of its appup can do it as well.
 */
export type StrikePoint = 'lens' | 'module' | 'factory' | 'code_change' | 'resumed' | 'serving' | 'timer';

type Role = 'serve' | 'succeed' | 'check' | 'tend';

/** Elsewhere the same code runs too: in the process that checks rows, in the old runner, in one that is started anew. */
const ROLES: Readonly<Record<StrikePoint, readonly Role[]>> = {
  lens: ['check'],
  module: ['succeed'],
  factory: ['succeed'],
  code_change: ['succeed'],
  resumed: ['succeed'],
  serving: ['succeed'],
  timer: ['succeed'],
};

const EXIT_CODE = 3;
const HOARD_LENGTH = 1_000_000;

const fs = process.getBuiltinModule('node:fs');
const folder = `${process.env.ERLMCP_HOME ?? ''}/faults`;

/** Goes wrong if it is this point's turn. `holdWriter` takes the writer lock and never lets go of it. */
export function strikeAt(point: StrikePoint, holdWriter: () => void = loop): void {
  if (!ROLES[point].includes(process.env.ERLMCP_ROLE as Role)) return;
  const kind = kindFor(point);
  if (kind === undefined) return;
  fs.writeFileSync(`${folder}/struck`, String(process.pid));
  if (kind === 'throw') throw new Error('this release is faulty on purpose');
  if (kind === 'exit') process.exit(EXIT_CODE);
  if (kind === 'kill') process.kill(process.pid, 'SIGKILL');
  if (kind === 'stop') process.kill(process.pid, 'SIGSTOP');
  if (kind === 'loop') holdWriter();
  if (kind === 'oom') eatMemory();
}

/** Strikes when the driver says so, in a phase that calls no code of the new release. */
export function strikeWhenTold(holdWriter: () => void): void {
  const timer = setInterval(() => {
    if (!fs.existsSync(`${folder}/now`)) return;
    clearInterval(timer);
    strikeAt('timer', holdWriter);
  }, 10);
  timer.unref();
}

function kindFor(point: StrikePoint): string | undefined {
  if (!fs.existsSync(`${folder}/plan.json`)) return undefined;
  const { strike } = JSON.parse(fs.readFileSync(`${folder}/plan.json`, 'utf8')) as {
    strike?: { point: string; kind: string };
  };
  return strike?.point === point ? strike.kind : undefined;
}

export function loop(): never {
  for (;;);
}

function eatMemory(): never {
  const hoard: number[][] = [];
  for (let seed = 0; ; seed++) hoard.push(new Array<number>(HOARD_LENGTH).fill(seed + 0.5));
}
