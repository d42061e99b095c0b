/** What a plan is made of. Its id is a digest of that alone: the same node, package and configuration give the same plan. */
import { createHash } from 'node:crypto';
import type { Plan, PlanParts } from '../../host/index.ts';
import type { Manifest } from '../../release/index.ts';
import type { Run, UpgradeDeps } from '../types.ts';

const ID_LENGTH = 12;

/** All but the findings of pre-flight: known before it begins. */
export type FirstParts = Omit<PlanParts, 'checks'>;

export function firstParts(running: Manifest, target: Manifest, deps: UpgradeDeps): FirstParts {
  const { node, config } = deps.planFacts();
  return {
    node,
    running: running.vsn,
    runningDigest: digestOf(running),
    target: target.vsn,
    targetDigest: digestOf(target),
    config,
    tables: Object.fromEntries(target.tables.map(({ name, version }) => [name, version])),
  };
}

/** After pre-flight, before anything else has been found. */
export function planParts({ running, target, findings }: Run, deps: UpgradeDeps): PlanParts {
  if (!running || !target) throw new Error('pre_flight_checks has to come before a plan');
  const checks = [...new Set(findings.map(({ name }) => name))].sort();
  return { ...firstParts(running.manifest, target.manifest, deps), checks };
}

export const planOf = (parts: PlanParts): Plan => ({
  id: digestOf(parts).slice(0, ID_LENGTH),
  at: Date.now(),
  parts,
});

/** The order of an object's members does not count. */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part)))
    .digest('hex');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
