/** The lines of the runbook: which an upgrade leaves behind, by how it ended. */
import type { TestNode } from '../support/test-node.ts';
import { expected } from './expected.ts';
import { type Cell, PHASES, type Phase } from './matrix.ts';
import { AFTER, BEFORE } from './release/versions.ts';

const STARTED = `[INFO] Upgrade to ${AFTER} started`;
const COMPLETED = [
  STARTED,
  '[INFO] Pre-flight checks passed',
  '[INFO] Upgrade completed successfully',
  '[INFO] Verification passed',
];
/** Up to here nothing has changed that could be taken back. */
const UNCHANGED: ReadonlySet<string> = new Set(['pre_flight_checks', 'backup_state']);

/** What nobody may find in the log of a node that did what it is for. */
const NEVER = /S1:|nobody handled it|could not be ended in order/;

export function logProblems(cell: Cell, node: TestNode, version: string): string[] {
  const lines = node.log('upgrade').split('\n');
  const wrong = node
    .log('erlmcp')
    .split('\n')
    .filter((line) => NEVER.test(line));
  const failedAt = /failed at phase: (\w+)/.exec(lines.join('\n'))?.[1];
  const early = failedAt !== undefined && PHASES.indexOf(failedAt as Phase) < PHASES.indexOf(cell.phase);
  const missing = firstMissing(wanted(cell, version, lines), lines);
  return [
    ...(early ? [`the upgrade failed in ${failedAt}, before the fault`] : []),
    ...(missing === undefined ? [] : [`upgrade.log has no "${missing}" in its place`]),
    ...(wrong.length > 0 ? [`erlmcp.log has: ${wrong[0]}`] : []),
  ];
}

function wanted(cell: Cell, version: string, lines: readonly string[]): string[] {
  const { ends, at } = expected(cell);
  if (ends === 'before' || ends === 'after')
    return [STARTED, `[WARN] An upgrade to ${AFTER} was interrupted ${ends} its commit point`];
  if (version === AFTER) return COMPLETED;
  const phase = ends === 'failed' ? at : (lines.join('\n').match(/failed at phase: (\w+)/)?.[1] ?? at);
  const failed = [STARTED, `[ERROR] Upgrade failed at phase: ${phase}`, '[ERROR] Reason: {'];
  if (UNCHANGED.has(phase)) return failed;
  return [...failed, '[WARN] Initiating automatic rollback', `[INFO] Rollback to ${BEFORE} completed`];
}

/** The first of the texts that does not come after the one before it. */
function firstMissing(texts: readonly string[], lines: readonly string[]): string | undefined {
  let from = 0;
  for (const text of texts) {
    const found = lines.findIndex((line, at) => at >= from && line.includes(text));
    if (found < 0) return text;
    from = found + 1;
  }
  return undefined;
}
