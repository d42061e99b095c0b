/**
 * Holds an upgrade to the plan of a dry run: it is refused where node, package or configuration are not what they were. What is known
 * at once is compared before pre-flight touches anything, what that finds afterwards; both before anything of the node changes.
 */
import { type OperatorError, tuple } from '../../errors/index.ts';
import type { HostStore, Plan, PlanParts } from '../../host/index.ts';
import type { Manifest, ReleaseStore } from '../../release/index.ts';
import { refuse } from '../failure.ts';
import type { Run, UpgradeDeps, UpgradeRequest } from '../types.ts';
import { changedSince } from './changed-since.ts';
import { firstParts, planParts } from './plan-parts.ts';

/** Throws `{unknown_plan, Id}`. */
export function assertKnown({ plan, version }: UpgradeRequest, { plans }: HostStore): void {
  if (plan === undefined || plans.find(plan)) return;
  throw refuse(
    tuple('unknown_plan', plan),
    `This node has no plan ${plan}; it keeps the newest twenty.`,
    makeAnother(version),
  );
}

/** Throws `{plan_outdated, Id, Changes}`. */
export async function holdToPlan(run: Run, deps: UpgradeDeps, preFlight: () => Promise<void>): Promise<void> {
  const plan = run.kind === 'upgrade' && run.plan !== undefined ? deps.store.plans.find(run.plan) : undefined;
  if (plan) await compareFirst(plan, run, deps);
  await preFlight();
  if (!plan) return;
  assertSame(plan, planParts(run, deps), run);
  run.findings.push({ name: 'plan', status: 'passed', value: plan.id, limit: null });
}

async function compareFirst(plan: Plan, run: Run, deps: UpgradeDeps): Promise<void> {
  // What can not be read is for pre-flight to say.
  const running = await deps.releases.manifest(run.from).catch(() => undefined);
  const target = await manifestOf(run.version, deps.releases).catch(() => undefined);
  if (running && target) assertSame(plan, firstParts(running, target, deps), run);
}

/** Of the package, or of what is installed where there is none. */
async function manifestOf(vsn: string, releases: ReleaseStore): Promise<Manifest> {
  const packages = await releases.packages();
  return packages.includes(vsn) ? (await releases.inspect(vsn)).manifest : await releases.manifest(vsn);
}

function assertSame(plan: Plan, now: Partial<PlanParts>, run: Run): void {
  const changes = changedSince(plan.parts, now);
  if (changes.length > 0) throw outdated(plan, changes, run.version);
}

const outdated = (plan: Plan, changes: ReturnType<typeof changedSince>, version: string): OperatorError =>
  refuse(
    tuple(
      'plan_outdated',
      plan.id,
      changes.map(({ what }) => what),
    ),
    `Since plan ${plan.id} was made (${new Date(plan.at).toISOString()}): ${changes.map(({ sentence }) => sentence).join('; ')}.`,
    makeAnother(version),
  );

const makeAnother = (version: string): string =>
  `Make another plan with: scripts/upgrade.sh ${version} --dry-run`;
