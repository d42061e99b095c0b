/**
 * The way back of an operation that failed. Before the commit point the old runner just goes on; after it the servers are
 * handed back. Tried once; where the old version can not be had, the node serves with whichever version still answers.
 */
import type { RunnerProcess } from '../host/index.ts';
import { tellClients } from './changes.ts';
import { flip, give } from './hand-over.ts';
import type { HandedOver, Run, UpgradeDeps } from './types.ts';

/** One call to a runner that may be the one that is broken. */
const STEP_MS = 5_000;

export type RolledBack = 'nothing_changed' | 'rolled_back' | 'kept_new' | 'emergency';

export async function rollBack(run: Run, deps: UpgradeDeps): Promise<RolledBack> {
  await run.commit?.catch(() => undefined);
  if (!run.committed) return await goOn(run, deps);
  try {
    await handBack(run, deps);
    return 'rolled_back';
  } catch (error) {
    deps.log.error(`S1: the automatic rollback failed: ${error instanceof Error ? error.message : error}`);
    return await whoeverAnswers(run, deps);
  } finally {
    deps.fleet.allowRestarts(deps.store.active()?.vsn ?? run.from);
  }
}

/** The old runner has everything still: it takes its servers up again, and the new one ends. */
async function goOn(run: Run, deps: UpgradeDeps): Promise<RolledBack> {
  const { old, next } = run;
  if (next?.servedBefore && next.state !== 'ended') next.state = 'lingering';
  else next?.kill('the upgrade has failed');
  if (old.state !== 'ended') {
    await old.call('resume', {}, STEP_MS).then(
      (wentOn) => {
        run.wentOn = wentOn;
      },
      (error: Error) => old.kill(`it can not be resumed: ${error.message}`),
    );
    await old.call('guardWrites', { mode: 'off' }, STEP_MS).catch(() => undefined);
    await old.call('trackWrites', { on: false }, STEP_MS).catch(() => undefined);
    if (run.direction === 'down')
      await old.call('keepWayBack', { targets: null }, STEP_MS).catch(() => undefined);
  }
  deps.fleet.allowRestarts(run.from);
  if (old.state !== 'ended') return 'nothing_changed';
  await serving(deps);
  return 'nothing_changed';
}

/** The states go back through the lens, while the new runner is able to give them; else the servers start anew. */
async function handBack(run: Run, deps: UpgradeDeps): Promise<void> {
  const { next } = run;
  const { begun } = run.resumption;
  const states = begun ? await statesOf(next, deps) : run.snapshot;
  const old = await oldRunner(run, deps, states);
  const before = deps.store.active();
  await deps.store.setActive(
    { vsn: run.from, newest: before?.newest ?? run.version, since: Date.now() },
    run.journal,
  );
  run.committed = false;
  const surface = next ? deps.fleet.surfaceOf(next) : undefined;
  const giving = states && begun ? next : undefined;
  const { followed } = await flip(deps.fleet, giving, old, STEP_MS);
  deps.beginVersion(run.from);
  if (!giving) next?.kill('its states could not be had');
  await old.call('guardWrites', { mode: 'off' }, STEP_MS);
  await old.call('trackWrites', { on: false }, STEP_MS);
  followed
    .then(() => tellClients(deps, old, surface, deps.fleet.surfaceOf(old)))
    .catch((error: Error) => deps.log.warn(`Clients could not be told of the changes: ${error.message}`));
}

async function statesOf(
  runner: RunnerProcess | undefined,
  deps: UpgradeDeps,
): Promise<HandedOver | undefined> {
  if (!runner || runner.state === 'ended') return undefined;
  try {
    await runner.call('suspend', { deadlineMs: deps.times.suspendMs }, deps.times.suspendMs + 1_000);
    return await runner.call('snapshot', {}, STEP_MS);
  } catch (error) {
    deps.log.warn(
      `The servers' states can not be had from ${runner.vsn}: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}

/** The old runner with the states, suspended; a new one of its version where it is gone, or its servers have to start anew. */
async function oldRunner(
  run: Run,
  deps: UpgradeDeps,
  states: HandedOver | undefined,
): Promise<RunnerProcess> {
  const { old } = run;
  if (old.state === 'parked') old.wake('lingering');
  if (old.state !== 'ended' && old.holdsServers) return old;
  if (old.state !== 'ended' && states) {
    await give(old, states, true, STEP_MS);
    return old;
  }
  const fresh = await deps.fleet.spawn(run.from, 'succeed');
  await give(fresh, states ?? { servers: [], applications: [] }, false, deps.times.startMs);
  await deps.fleet.learn(fresh);
  return fresh;
}

async function whoeverAnswers(run: Run, deps: UpgradeDeps): Promise<RolledBack> {
  for (const vsn of [run.from, run.version]) {
    try {
      const { active } = deps.fleet;
      if (active?.vsn === vsn) await active.call('pingServers', { timeoutMs: STEP_MS }, STEP_MS);
      else await deps.fleet.serve(vsn);
      await deps.store.setActive(
        { vsn, newest: deps.store.active()?.newest ?? vsn, since: Date.now() },
        run.journal,
      );
      return vsn === run.from ? 'rolled_back' : 'kept_new';
    } catch (error) {
      deps.log.error(`S1: version ${vsn} can not serve: ${error instanceof Error ? error.message : error}`);
    }
  }
  return 'emergency';
}

/** Waits until the fleet has started a runner in place of one that ended. */
async function serving(deps: UpgradeDeps): Promise<void> {
  const deadline = performance.now() + deps.times.startMs;
  while (!deps.fleet.active && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
