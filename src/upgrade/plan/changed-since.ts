/** What is not as it was when a plan was made, in words. */
import type { PlanParts } from '../../host/index.ts';

export interface PlanChange {
  what: 'node' | 'package' | 'config' | 'tables' | 'checks';
  sentence: string;
}

/** Of what is known in `now`. */
export function changedSince(then: PlanParts, now: Partial<PlanParts>): PlanChange[] {
  const known = { ...then, ...now };
  const changes: (PlanChange | undefined)[] = [
    nodeChange(then, known),
    then.target === known.target && then.targetDigest === known.targetDigest
      ? undefined
      : { what: 'package', sentence: packageSentence(then, known) },
    listed('config', 'the configuration has changed', membersThatDiffer(then.config, known.config)),
    listed('tables', 'it declares other versions', membersThatDiffer(then.tables, known.tables)),
    listed('checks', 'pre-flight finds something else', checksThatDiffer(then.checks, known.checks)),
  ];
  return changes.filter((change) => change !== undefined);
}

function nodeChange(then: PlanParts, now: PlanParts): PlanChange | undefined {
  const sentence =
    then.node !== now.node
      ? `this node is ${now.node}, the plan's is ${then.node}`
      : then.running !== now.running
        ? `the node runs ${now.running}, not ${then.running}`
        : then.runningDigest !== now.runningDigest
          ? `the node runs another build of ${now.running}`
          : undefined;
  return sentence === undefined ? undefined : { what: 'node', sentence };
}

const packageSentence = (then: PlanParts, now: PlanParts): string =>
  then.target === now.target
    ? `the package of ${now.target} is another build`
    : `the plan is for ${then.target}, not ${now.target}`;

const listed = (what: PlanChange['what'], sentence: string, names: string[]): PlanChange | undefined =>
  names.length === 0 ? undefined : { what, sentence: `${sentence} (${names.join(', ')})` };

const membersThatDiffer = (
  then: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): string[] =>
  [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => then[name] !== now[name]).sort();

const checksThatDiffer = (then: readonly string[], now: readonly string[]): string[] => [
  ...now.filter((name) => !then.includes(name)).map((name) => `new: ${name}`),
  ...then.filter((name) => !now.includes(name)).map((name) => `gone: ${name}`),
];
