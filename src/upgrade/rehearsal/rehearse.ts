/**
 * The rehearsal of a dry run: a runner of the next release takes copies of the tables and of the servers' states, transforms these for
 * real, and has its smoke test. The version that serves is asked for its states and nothing else; nobody hears the runner that
 * rehearses, and of servers that are not safe to rehearse neither timers nor `resumed` run. It and the copies are gone afterwards.
 */
import type { RunnerProcess } from '../../host/index.ts';
import type { CopiedStates, RehearsedServer } from '../../wire/index.ts';
import { assertPassed, releaseProbes, runProbes } from '../smoke-test.ts';
import type { Run, TablesCopy, UpgradeDeps } from '../types.ts';
import { leftOut } from './left-out.ts';
import { rehearsalProbes } from './probes.ts';
import { Steps, servers } from './steps.ts';
import { readStates, transformStates } from './transform.ts';

const KB = 1024;
const CHECK_MS = 15_000;

/** Adds a finding for each step, with its time. Rejects as the upgrade would, or when the signal aborts. */
export async function rehearse(run: Run, deps: UpgradeDeps, signal: AbortSignal): Promise<void> {
  const { target } = run;
  if (!target) throw new Error('pre_flight_checks has to come before a rehearsal');
  const steps = new Steps(run, deps, signal);
  const rehearsal = { run, deps, steps, signal };
  const copying = deps.copyTables(target.manifest);
  try {
    const copy = await steps.perform(
      'copy',
      () => copying,
      ({ bytes }) => `${Math.ceil(bytes / KB).toLocaleString('en')} KB`,
    );
    await withRunner(rehearsal, copy);
  } finally {
    run.progress = undefined;
    await copying.then(
      (copy) => copy.remove(),
      () => undefined,
    );
  }
}

interface Rehearsal {
  run: Run;
  deps: UpgradeDeps;
  steps: Steps;
  signal: AbortSignal;
}

async function withRunner(rehearsal: Rehearsal, { dir }: TablesCopy): Promise<void> {
  const { run, deps, steps, signal } = rehearsal;
  const next = await steps.perform(
    'load',
    () => deps.fleet.spawn(run.version, 'rehearse', signal, dir),
    ({ vsn }) => vsn,
  );
  try {
    const indexes = () => next.call('buildIndexes', {}, steps.left(Number.POSITIVE_INFINITY));
    await steps.perform('indexes', indexes, () => 'built');
    const transformed = await transform(next, rehearsal);
    await steps.perform(
      'smoke_test',
      () => smokeTest(next, transformed, rehearsal),
      (passed) => `${passed} checks`,
    );
  } finally {
    next.kill('the rehearsal is over');
    await next.ended;
  }
}

interface Transformed {
  copied: CopiedStates;
  states: RehearsedServer[];
}

async function transform(next: RunnerProcess, { run, deps, steps }: Rehearsal): Promise<Transformed> {
  const { suspendMs, startMs } = deps.times;
  const copied = await steps.perform(
    'states',
    () => readStates(run.old, steps.left(suspendMs)),
    (found) => `${servers(found.servers.length)} read`,
  );
  const states = await steps.perform(
    'transform',
    () => transformStates(next, copied, steps.left(startMs)),
    (made) => servers(made.length),
  );
  for (const finding of leftOut(copied, states)) steps.add(finding);
  await steps.perform(
    'resume',
    () => next.call('resume', {}, steps.left(startMs)),
    ({ resumed }) => servers(resumed.length),
  );
  return { copied, states };
}

/** What concerns a release alone, and its server on inner channels. @returns how many checks that were */
async function smokeTest(
  next: RunnerProcess,
  { copied, states }: Transformed,
  { run, deps, steps }: Rehearsal,
): Promise<number> {
  const ended = copied.applications.filter(({ state }) => state !== 'started').map(({ name }) => name);
  const silent = states.filter(({ leavesOut }) => leavesOut === 'resumed').map(({ name }) => name);
  const { unread } = deps.fleet.surfaceOf(run.old) ?? {};
  const probes = [
    ...releaseProbes(run.version, () => next, ended),
    ...rehearsalProbes(next, { unread, silent }),
  ];
  const findings = await runProbes(probes, steps.left(CHECK_MS));
  for (const finding of findings) steps.add(finding);
  assertPassed(findings);
  return findings.length;
}
