/** `load_modules`: the new runner loads its code and is warmed; the old one checks its own writes through the new lenses. */
import type { RunnerProcess } from '../../host/index.ts';
import { tableTargets, tableVersions } from '../table-targets.ts';
import type { Run, UpgradeDeps } from '../types.ts';
import { lensFailure, remaining } from './pre-flight-checks.ts';
import { forgetFailedTables } from './rebuilt-release.ts';
import { warmUp } from './warm-up.ts';

export async function loadModules(run: Run, deps: UpgradeDeps): Promise<void> {
  const { running, target, old } = run;
  if (!running || !target) throw new Error('pre_flight_checks has to come before load_modules');
  const targets = tableTargets(target);
  // Before the new runner declares its indexes: from then on those that run keep them too, through these lenses.
  if (run.direction === 'up') {
    for (const runner of deps.fleet.runners)
      if (runner === old || runner.state === 'lingering')
        await runner.call('useAppup', { path: target.appup }, remaining(run));
    await old.call('guardWrites', { mode: 'record', targets }, remaining(run));
  } else await old.call('keepWayBack', { targets }, remaining(run));
  await forgetFailedTables(run, target, deps);
  run.next = wake(run.warm) ?? (await deps.fleet.spawn(run.version, 'succeed', run.signal));
  const { next } = run;
  if (run.direction === 'up')
    await next.call('keepWayBack', { targets: tableTargets(running) }, remaining(run));
  await next.call('buildIndexes', {}, remaining(run));
  if (!deps.fleet.surfaceOf(next)) {
    await deps.fleet.learn(next);
    await warmUp(run, next, deps);
  }
  if (run.warm) return;
  const began = performance.now();
  const tracked = await old.call('verifyTracked', { targets: tableVersions(target) }, remaining(run));
  const ms = Math.round(performance.now() - began);
  deps.log.info('Rows written during the check are checked too', { rows: tracked.rows, ms });
  const [first] = tracked.failures;
  if (first && !(run.direction === 'down' && run.force))
    throw lensFailure(first.table, first.key, first.reason);
}

function wake(runner: RunnerProcess | undefined): RunnerProcess | undefined {
  if (runner?.state === 'parked') runner.wake('lingering');
  return runner?.state === 'ended' ? undefined : runner;
}
