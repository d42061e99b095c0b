/** The phases from `suspend_supervisors` to `resume_supervisors`: what clients may notice, and nothing else. */
import semver from 'semver';
import { tuple } from '../../errors/index.ts';
import { CallError } from '../../wire/index.ts';
import { tellClients } from '../changes.ts';
import { refuse } from '../failure.ts';
import { flip, give } from '../hand-over.ts';
import { tableTargets } from '../table-targets.ts';
import type { Run, UpgradeDeps } from '../types.ts';
import { lensFailure, remaining } from './pre-flight-checks.ts';

const SIGN_OF_LIFE_MS = 5_000;

export async function suspendSupervisors(run: Run, deps: UpgradeDeps): Promise<void> {
  if (run.drainMs !== undefined) await drain(run, run.drainMs, deps);
  const deadlineMs = Math.min(deps.times.suspendMs, remaining(run));
  // The runner keeps the deadline itself; the call's own one only covers a runner that hangs.
  await run.old.call('suspend', { deadlineMs }, deadlineMs + 1_000);
}

/** Calls that do not finish in time linger, as they would without a drain. The flip lets go of what is held. */
async function drain(run: Run, drainMs: number, { router, log }: UpgradeDeps): Promise<void> {
  router.drain.begin(Math.min(drainMs, remaining(run)));
  const { active, inFlight, held } = await router.drain.drained(run.signal);
  const value = `${held} calls held, ${inFlight} in flight`;
  log.info('Drain done', { held, in_flight: inFlight });
  run.findings.push(
    active
      ? { name: 'drain', status: 'passed', value, limit: 0 }
      : {
          name: 'drain',
          status: 'warning',
          value,
          limit: 0,
          message: 'What is in flight goes on to its end on the version before.',
        },
  );
  // Until the flip: the suspension has its own deadline.
  if (active) router.drain.begin(drainMs);
}

export async function transformState(run: Run, deps: UpgradeDeps): Promise<void> {
  const next = loaded(run);
  run.snapshot = await run.old.call('snapshot', {}, remaining(run));
  try {
    await give(next, run.snapshot, hasServers(run), Math.min(deps.times.startMs, remaining(run)));
  } catch (error) {
    if (error instanceof CallError && error.reason.startsWith('{transformation_failed')) throw error;
    const reason = error instanceof CallError ? error.reason : '{error}';
    const message = error instanceof Error ? error.message : String(error);
    throw new CallError({ reason: `{transformation_failed, ${reason}}`, message });
  }
}

/** The commit point. Before it a failure leaves the old version as it was; after it the way back is a hand-over. */
export async function migrateData(run: Run, deps: UpgradeDeps): Promise<void> {
  if (run.direction === 'up') {
    const { failures } = await run.old.call(
      'guardWrites',
      { mode: 'strict', ...(run.target ? { targets: tableTargets(run.target) } : {}) },
      remaining(run),
    );
    const [first] = failures;
    if (first) throw lensFailure(first.table, first.key, first.reason);
  }
  // One that has hung or died unnoticed since it got the states must not be given the node.
  await loaded(run).call('applications', {}, Math.min(SIGN_OF_LIFE_MS, remaining(run)));
  // Whoever gave the operation up meanwhile has been told that the old version serves.
  run.signal.throwIfAborted();
  run.commit = commit(run, deps);
  await run.commit;
}

async function commit(run: Run, deps: UpgradeDeps): Promise<void> {
  const before = deps.store.active();
  await deps.store.setActive(
    {
      vsn: run.version,
      previous: run.from,
      newest: newestOf(before?.newest ?? run.from, run.version),
      since: Date.now(),
      // A version that the node came from has been watched before.
      ...(run.direction === 'up' ? { watchUntil: Date.now() + deps.times.watchMs } : {}),
    },
    run.journal,
  );
  run.committed = true;
  if ((before?.watchUntil ?? 0) > Date.now())
    void deps.store
      .noteWatch({
        ended: run.direction === 'down' ? 'rolled_back' : 'superseded',
        verdict: deps.verdict().row,
      })
      .catch((error: Error) => deps.log.warn(`The journal could not be written: ${error.message}`));
}

export async function resumeSupervisors(run: Run, deps: UpgradeDeps): Promise<void> {
  const next = loaded(run);
  const before = deps.fleet.surfaceOf(run.old);
  const { followed } = await flip(deps.fleet, run.old, next, remaining(run), run.resumption);
  deps.beginVersion(run.version);
  followed
    .then(() => tellClients(deps, next, before, deps.fleet.surfaceOf(next)))
    .catch((error: Error) => deps.log.warn(`Clients could not be told of the changes: ${error.message}`));
}

/** Of all releases that were ever active the newest has the longest chains. */
const newestOf = (one: string, other: string): string => (semver.gt(other, one) ? other : one);

export const loaded = (run: Run) => {
  if (run.next) return run.next;
  throw refuse(tuple('not_loaded', run.version), 'The new runner is not there.', 'Start the upgrade again.');
};

/** A runner that served before keeps shells of its servers; a fresh one starts them. */
export const hasServers = (run: Run): boolean => run.next?.servedBefore === true;
