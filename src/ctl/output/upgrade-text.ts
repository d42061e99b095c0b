/** Upgrades, their ends and watches in sentences. */
import type { UpgradePhase } from '../../control/phases.ts';
import type { OperationKind, OperationResult, UpgradeStatus, Watch } from '../../control/types.ts';
import { duration, optional, plural, seconds } from './format.ts';
import { VERDICT_TEXT } from './verdict.ts';

export function upgradeSentence(upgrade: UpgradeStatus, phase: UpgradePhase | null = null): string {
  const { status, current_version, target_version, phases_completed, phases_total, error_reason } = upgrade;
  if (status === 'idle') return 'idle';
  const target = `${status}, ${current_version} to ${optional(target_version)}`;
  if (status === 'completed') return `completed, ${current_version} runs`;
  if (status === 'failed') return `failed, ${current_version} runs: ${optional(error_reason)}`;
  return `${target}, ${phases_completed.length} of ${phases_total} phases done${phase ? `, now ${phase}` : ''}`;
}

const ENDED = {
  passed: 'has passed',
  accepted: 'was ended by accept',
  rolled_back: 'ended in a rollback',
  superseded: 'was ended by the next upgrade',
} as const;

export function watchSentence({ active, remaining_s, verdict, ended }: Watch): string {
  const judged = verdict ? ` (${VERDICT_TEXT[verdict]})` : '';
  if (active) return `${seconds(remaining_s)} left${judged}`;
  return ended ? `none; the last one ${ENDED[ended]}${judged}` : 'none';
}

const DOING: Readonly<Record<OperationKind, string>> = {
  upgrade: 'Upgrade',
  downgrade: 'Downgrade',
  dry_run: 'Dry run of the upgrade',
  verify_only: 'Verification',
};

export const headline = (kind: OperationKind, from: string, to: string): string =>
  kind === 'verify_only' ? `Verification of ${to}` : `${DOING[kind]} from ${from} to ${to}`;

/** How it ended, in a sentence. */
export function outcomeSentence(result: OperationResult): string {
  const { kind, outcome, from_version, target_version, current_version, ms } = result;
  const what = headline(kind, from_version, target_version);
  const phases = `${plural(result.phases_completed.length, 'phase')} in ${duration(ms)}`;
  switch (outcome) {
    case 'completed':
      return `${what} completed: ${phases}.`;
    case 'unchanged':
      return `${current_version} runs already: nothing to do.`;
    case 'failed':
      return `${what} failed${at(result)}; nothing was changed, ${current_version} serves.`;
    case 'rolled_back':
      return `${what} failed${at(result)} and was rolled back, ${current_version} serves.`;
    case 'aborted':
      return `${what} was aborted${at(result)}, ${current_version} serves.`;
    case 'emergency':
      return `${what} failed${at(result)}: neither ${from_version} nor ${target_version} serves.`;
  }
}

const at = ({ failed_phase }: OperationResult): string => (failed_phase ? ` at phase ${failed_phase}` : '');
