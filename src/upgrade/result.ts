/** How an operation ended, as the control API tells it. */
import type { OperationResult, VerdictRow } from '../control/index.ts';
import { type OperationStep, UPGRADE_PHASES } from '../control/index.ts';
import { OperatorError } from '../errors/index.ts';
import { messageOf, reasonOf } from './failure.ts';
import type { Finding, Run, UpgradeDeps, UpgradeRequest } from './types.ts';
import type { Watch } from './watch.ts';

interface Seen {
  request: UpgradeRequest;
  from: string;
  current: string;
  startedAt: number;
  error?: unknown;
  outcome: OperationResult['outcome'];
  phases?: Run['phases'];
  failedPhase?: OperationStep;
  findings?: Finding[];
}

export function operationResult(seen: Seen, deps: UpgradeDeps, watch: Watch): OperationResult {
  const { request, error } = seen;
  return {
    operation: request.operation,
    kind: request.kind,
    outcome: seen.outcome,
    from_version: seen.from,
    target_version: request.version,
    current_version: seen.current,
    phases_completed: seen.phases ?? [],
    phases_total: UPGRADE_PHASES.length,
    failed_phase: seen.failedPhase ?? null,
    start_time: new Date(seen.startedAt).toISOString(),
    ms: Date.now() - seen.startedAt,
    error: error === undefined ? null : errorBody(error, seen.outcome),
    findings: seen.findings ?? [],
    ...(request.plan === undefined ? {} : { plan: request.plan }),
    watch: watchStatus(watch, deps.verdict().row),
    emergency: seen.outcome === 'emergency' ? { backups: deps.backups(), contacts: deps.contacts } : null,
  };
}

function errorBody(
  error: unknown,
  outcome: OperationResult['outcome'],
): NonNullable<OperationResult['error']> {
  const known = error instanceof OperatorError;
  return {
    term: reasonOf(error),
    message: sentence(known ? error.sentence : messageOf(error)),
    remedy: known ? error.remedy : 'See log/upgrade.log.',
    exit_code: outcome === 'emergency' ? 70 : known ? error.exitCode : 1,
  };
}

/** The verdict is that of the running watch; without one there is nothing to judge. */
export const watchStatus = (watch: Watch, row: VerdictRow): OperationResult['watch'] => ({
  active: watch.remainingMs > 0,
  remaining_s: Math.ceil(watch.remainingMs / 1_000),
  verdict: watch.remainingMs > 0 ? row : null,
  ended: watch.ended,
});

/** What somebody's code threw need not end as a sentence does, but the next step follows it. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
