/**
 * `resume_supervisors`: an upgrade that runs is the coordinator's to end or to complete. When none runs, whatever was left
 * suspended in host and runners goes on.
 */
import type { ResumeSupervisorsResult } from '../../control/index.ts';
import type { ProcessViews } from '../../runner/process-views.ts';
import type { NodeParts } from '../node-parts.ts';
import { askRunners } from './processes-ask.ts';

const AT_ONCE = { graceMs: 0, restartHung: false };
/** A server that does not take the message holds its runner's answer up for a second. */
const RESUME_MS = 2_500;

export async function resumeSupervisors(
  node: NodeParts,
  own: ProcessViews,
): Promise<ResumeSupervisorsResult> {
  node.log.info('An operator resumes the supervisors');
  const ended = await node.coordinator.resumeSupervisors();
  if (ended) return { ...ended, silent: [] };
  const [mine, answers] = await Promise.all([
    own.resumeAll(AT_ONCE),
    askRunners(node.fleet, 'resumeAll', AT_ONCE, RESUME_MS),
  ]);
  const all = [mine, ...answers.flatMap(({ answer }) => answer ?? [])];
  const resumed = all.flatMap((report) => report.resumed);
  return {
    outcome: resumed.length > 0 ? 'resumed' : 'nothing',
    version: node.fleet.active?.vsn ?? node.store.active()?.vsn ?? '',
    resumed,
    restarted: all.flatMap(({ restarted }) => restarted),
    busy: all.flatMap(({ busy }) => busy),
    silent: answers.flatMap(({ runner, answer }) => (answer ? [] : runner.where)),
  };
}
