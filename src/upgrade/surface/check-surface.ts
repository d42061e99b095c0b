/**
 * The part of pre-flight that asks what clients would lose. A way up on which something breaks is barred unless the operator
 * lets it pass; the way back never is.
 */
import { type OperatorError, tuple } from '../../errors/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import type { Surface } from '../../wire/index.ts';
import { messageOf, reasonOf, refuse } from '../failure.ts';
import type { Finding, Run, UpgradeDeps } from '../types.ts';
import { compareSurfaces } from './compare-surfaces.ts';
import type { SurfaceChange } from './surface-change.ts';

const SURFACE_MS = 30_000;
/** Lines of findings; those of an error are fewer. */
const MAX_LINES = 100;
const MAX_NAMED = 5;

/**
 * Adds a finding for each change, and one for the whole.
 * @param next a runner of the version to go to; no application has to be started in it
 * @returns why the upgrade must not go on: `{surface_broken, ["tool note_get gone", ...]}` or `{surface_not_read, Vsn, Reason}`
 */
export async function checkSurface(
  run: Run,
  next: RunnerProcess,
  deps: UpgradeDeps,
): Promise<OperatorError | undefined> {
  const bars = run.direction === 'up' && run.allowBreaking !== true;
  let changes: SurfaceChange[];
  try {
    const before = await surfaceOf(run.old, run, deps);
    changes = await compareSurfaces(before, await surfaceOf(next, run, deps));
  } catch (error) {
    return notRead(run, error, bars);
  }
  const broken = changes.filter(({ weight }) => weight === 'breaking');
  run.findings.push(...changes.slice(0, MAX_LINES).map((change) => findingOf(change, bars)));
  run.findings.push({
    name: 'surface',
    status: statusOf(broken.length, bars),
    value: broken.length,
    limit: 0,
  });
  if (broken.length === 0) return undefined;
  const list = named(broken);
  if (bars) return surfaceBroken(run, broken, list);
  deps.log.warn(`Clients lose something in ${run.version}: ${list}`);
  return undefined;
}

async function surfaceOf(runner: RunnerProcess, run: Run, { fleet }: UpgradeDeps): Promise<Surface> {
  const left = Math.max(1, run.deadline - performance.now());
  return fleet.surfaceOf(runner) ?? (await runner.call('surface', {}, Math.min(SURFACE_MS, left)));
}

const statusOf = (broken: number, bars: boolean): Finding['status'] =>
  broken === 0 ? 'passed' : bars ? 'failed' : 'warning';

function findingOf({ subject, weight, what, detail }: SurfaceChange, bars: boolean): Finding {
  const status = weight === 'note' ? 'passed' : weight === 'breaking' && bars ? 'failed' : 'warning';
  const message = weight === 'undecided' ? `can not be decided: ${detail}` : detail;
  return {
    name: `surface ${subject}`,
    status,
    value: what,
    limit: null,
    ...(message === '' ? {} : { message }),
  };
}

function named(broken: readonly SurfaceChange[]): string {
  const shown = broken.slice(0, MAX_NAMED).map(({ subject, what, detail }) => {
    return `${subject} ${what}${detail === '' ? '' : ` (${detail})`}`;
  });
  const more = broken.length - MAX_NAMED;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function surfaceBroken(run: Run, broken: readonly SurfaceChange[], list: string): OperatorError {
  const terms = broken.slice(0, MAX_LINES).map(({ subject, what }) => `${subject} ${what}`);
  return refuse(
    tuple('surface_broken', terms),
    `What clients of ${run.from} use would fail in ${run.version}: ${list}.`,
    'Keep it in the release, or let it pass with --allow-breaking.',
  );
}

function notRead(run: Run, error: unknown, bars: boolean): OperatorError | undefined {
  const message = `${reasonOf(error)}: ${messageOf(error)}`;
  run.findings.push({ name: 'surface', status: bars ? 'failed' : 'warning', value: null, limit: 0, message });
  if (!bars) return undefined;
  return refuse(
    tuple('surface_not_read', run.version, messageOf(error)),
    `What the server of ${run.version} offers could not be read.`,
    'Its factory must work before its servers start. Mend the release, or go on without the comparison with --allow-breaking.',
  );
}
