import type { ResumeSupervisorsResult } from '../../control/types.ts';
import { action } from '../command.ts';

const HELP = `For an upgrade that hangs, or processes that were left suspended. Before the commit point (migrate_data) it ends the upgrade, which
is taken back and exits 1. After it, it resumes the servers of the new version: one that hangs in its resumed hook is started anew, as after a crash,
and the verification decides whether the upgrade stands. When nothing is suspended it does nothing.`;

export const command = action('resume_supervisors', { help: HELP, render });

function render({ outcome, version, resumed, restarted, busy, silent }: ResumeSupervisorsResult): string {
  const names = (list: readonly string[]): string => list.join(', ');
  const lines = [SENTENCES[outcome](version)];
  if (resumed.length > 0) lines.push(`resumed: ${names(resumed)}`);
  if (restarted.length > 0) lines.push(`started anew: ${names(restarted)}`);
  if (busy.length > 0)
    lines.push(`still at work: ${names(busy)}; if one hangs, start it anew with: erlmcpctl restart <name>`);
  if (silent.length > 0) lines.push(`no answer: ${names(silent)}`);
  return lines.join('\n');
}

const SENTENCES: Record<ResumeSupervisorsResult['outcome'], (version: string) => string> = {
  aborted: (version) => `The upgrade is given up; ${version} serves.`,
  completed: (version) => `The servers of ${version} are resumed; the upgrade goes on with its verification.`,
  resumed: () => 'Processes that were suspended go on.',
  nothing: () => 'Nothing was suspended.',
};
