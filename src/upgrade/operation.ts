/**
 * One upgrade or downgrade from its first phase to its end. A failure before the commit point leaves the node as it was; one
 * after it is taken back. Whatever is thrown, the operation ends, and says how.
 */
import {
  type OperationResult,
  type OperationStep,
  UPGRADE_PHASES,
  type UpgradePhase,
} from '../control/index.ts';
import { tuple } from '../errors/index.ts';
import type { RunnerProcess } from '../host/index.ts';
import { isGivenUp, messageOf, reasonOf, refuse, within } from './failure.ts';
import type { Linger } from './linger.ts';
import { loadModules } from './phases/load-modules.ts';
import { preFlightChecks } from './phases/pre-flight-checks.ts';
import { migrateData, resumeSupervisors, suspendSupervisors, transformState } from './phases/switch.ts';
import { holdToPlan } from './plan/hold-to-plan.ts';
import { planOf, planParts } from './plan/plan-parts.ts';
import { rehearse } from './rehearsal/rehearse.ts';
import { type RolledBack, rollBack } from './rollback.ts';
import { assertPassed, runSmokeTest } from './smoke-test.ts';
import type { Run, UpgradeDeps } from './types.ts';
import type { Watch } from './watch.ts';

type Phase = (run: Run, deps: UpgradeDeps) => Promise<void>;

const PHASES: Record<UpgradePhase, Phase> = {
  pre_flight_checks: (run, deps) => holdToPlan(run, deps, () => preFlightChecks(run, deps)),
  backup_state: async (run, deps) => {
    // A switch rewrites no row. The copy is for mishaps on the way to code that is new here, and would hold up the way back.
    if (run.warm) {
      run.findings.push({
        name: 'backup',
        status: 'skipped',
        value: 'the version to go back to is warm',
        limit: null,
      });
      return;
    }
    const value = await deps.backup(`${run.kind}-${run.from}-${run.version}`);
    run.findings.push({ name: 'backup', status: 'passed', value, limit: null });
  },
  load_modules: loadModules,
  suspend_supervisors: suspendSupervisors,
  transform_state: transformState,
  migrate_data: migrateData,
  resume_supervisors: resumeSupervisors,
  post_flight_checks: async (run, deps) => {
    const ended = (run.snapshot?.applications ?? []).filter(({ state }) => state !== 'started');
    const findings = await runSmokeTest(run.version, deps, { ended: ended.map(({ name }) => name) });
    run.findings.push(...findings);
    for (const finding of findings)
      deps.log.info(`Check ${finding.name}: ${finding.status}`, { value: finding.value });
    assertPassed(findings);
  },
};

/** What a finished phase is logged as, where the runbook names a line for it. */
const LINES: Partial<Record<UpgradePhase, string>> = {
  pre_flight_checks: 'Pre-flight checks passed',
  resume_supervisors: 'Upgrade completed successfully',
  post_flight_checks: 'Verification passed',
};

const WORDS = {
  upgrade: 'Upgrade',
  downgrade: 'Downgrade',
  dry_run: 'Dry run of an upgrade',
  verify_only: 'Verification',
} as const;

/** After these nothing of the node has changed. */
const UNCHANGED: ReadonlySet<UpgradePhase> = new Set(['pre_flight_checks', 'backup_state']);

const TIDY_MS = 5_000;
/** For a rehearsal that is given up to be cleared away. */
const CLEAR_MS = 2_000;

export interface Ended {
  outcome: OperationResult['outcome'];
  error?: unknown;
  failedPhase?: OperationStep;
}

export class Operation {
  /** The phase that it is in. */
  phase: UpgradePhase = 'pre_flight_checks';
  /** It has failed, and the version before is being restored. */
  takingBack = false;
  #rehearsing = false;
  readonly #run: Run;
  readonly #deps: UpgradeDeps;
  readonly #linger: Linger;
  readonly #watch: Watch;
  readonly #word: string;

  constructor(run: Run, deps: UpgradeDeps, linger: Linger, watch: Watch) {
    this.#run = run;
    this.#deps = deps;
    this.#linger = linger;
    this.#watch = watch;
    this.#word = WORDS[run.kind];
  }

  async perform(): Promise<Ended> {
    const { log, fleet } = this.#deps;
    const run = this.#run;
    const dry = run.kind === 'dry_run';
    log.info(`${this.#word} to ${run.version} started`, { from: run.from, force: run.force });
    if (!dry) fleet.holdRestarts();
    try {
      await this.#journal();
      for (const phase of dry ? UPGRADE_PHASES.slice(0, 1) : UPGRADE_PHASES) await this.#perform(phase);
      if (dry) await this.#rehearse();
    } catch (error) {
      return await this.#failed(error);
    }
    await this.#completed();
    return { outcome: 'completed' };
  }

  async #perform(phase: UpgradePhase): Promise<void> {
    const run = this.#run;
    this.phase = phase;
    this.#tell(phase, 'started');
    const started = performance.now();
    // The end of a runner is noticed at once: a phase that waits for it would wait for its deadline.
    const ends = [run.old, run.next].map((runner) => this.#ends(runner));
    await within(Promise.race([PHASES[phase](run, this.#deps), ...ends]), run.signal);
    const ms = since(started);
    run.phases.push({ phase, ms });
    run.journal.phases.push({ phase, ms });
    await this.#journal();
    const line = LINES[phase]?.replace('Upgrade', this.#word);
    if (line) this.#deps.log.info(line, { phase, ms });
    else this.#deps.log.info(`Phase ${phase} done`, { ms });
    this.#tell(phase, 'done', ms);
  }

  /** What a dry run does after the first phase, and what becomes its plan. */
  async #rehearse(): Promise<void> {
    const run = this.#run;
    const plan = planOf(planParts(run, this.#deps));
    this.#rehearsing = true;
    this.#tell('rehearsal', 'started');
    await this.#stopTracking();
    const started = performance.now();
    const over = new AbortController();
    const rehearsal = rehearse(run, this.#deps, AbortSignal.any([run.signal, over.signal]));
    try {
      await within(Promise.race([rehearsal, this.#ends(run.old)]), run.signal);
    } finally {
      over.abort();
      await inTime(rehearsal, CLEAR_MS);
    }
    await this.#deps.store.plans.keep(plan);
    run.plan = plan.id;
    const ms = since(started);
    this.#deps.log.info('Rehearsal passed', { ms, plan: plan.id });
    this.#tell('rehearsal', 'done', ms);
  }

  /** Nobody takes the keys of a dry run up. */
  async #stopTracking(): Promise<void> {
    await this.#run.old.call('trackWrites', { on: false }, TIDY_MS).catch(() => undefined);
  }

  #journal(): Promise<void> {
    return this.#deps.store.writeJournal(this.#run.journal);
  }

  /** Rejects when the runner ends before the commit point: nothing may be committed to one that is gone. */
  async #ends(runner: RunnerProcess | undefined): Promise<never> {
    const reason = await runner?.ended;
    if (runner === undefined || this.#run.committed) return new Promise<never>(() => {});
    throw refuse(
      tuple('runner_ended', runner.vsn),
      `The runner of ${runner.vsn} has ended: ${reason}.`,
      'See log/console.log, then try again.',
    );
  }

  #tell(phase: OperationStep, state: 'started' | 'done' | 'failed', ms?: number, message?: string): void {
    this.#deps.events.tell({
      operation: this.#run.operation,
      phase,
      state,
      completed: this.#run.phases.length,
      total: UPGRADE_PHASES.length,
      ...(ms === undefined ? {} : { ms }),
      ...(message === undefined ? {} : { message }),
    });
  }

  async #completed(): Promise<void> {
    const run = this.#run;
    if (run.kind === 'dry_run') return;
    this.#watch.resume();
    this.#deps.fleet.allowRestarts(run.version);
    this.#linger.begin(run.old, run.lingerMs);
  }

  async #failed(error: unknown): Promise<Ended> {
    const { log } = this.#deps;
    const failedPhase = this.#rehearsing ? 'rehearsal' : this.phase;
    log.error(`${this.#word} failed at phase: ${failedPhase}`);
    log.error(`Reason: ${reasonOf(error)}`, { message: messageOf(error) });
    this.#tell(failedPhase, 'failed', undefined, `${reasonOf(error)}: ${messageOf(error)}`);
    const back = await this.#takeBack();
    if (this.#run.drainMs !== undefined) this.#deps.router.drain.end();
    return { outcome: outcomeOf(back, this.#run, error), error, failedPhase };
  }

  async #takeBack(): Promise<RolledBack> {
    const { log } = this.#deps;
    const run = this.#run;
    const changed = !UNCHANGED.has(this.phase);
    this.takingBack = true;
    if (run.kind === 'dry_run') {
      await this.#stopTracking();
      return 'nothing_changed';
    }
    const started = performance.now();
    if (changed) {
      log.warn('Initiating automatic rollback', { to: run.from });
      this.#tell('rollback', 'started');
    }
    const back = await rollBack(run, this.#deps);
    // The old one too, where another runner of its version had to take its place.
    for (const runner of [run.next, run.old])
      if (runner?.state === 'lingering' && runner !== this.#deps.fleet.active) this.#linger.retire(runner);
    if (!changed) return back;
    const ms = since(started);
    if (back === 'emergency' || back === 'kept_new') {
      log.error(`S1: rollback to ${run.from} failed`, { outcome: back });
      this.#tell('rollback', 'failed', ms);
      return back;
    }
    log.info(`Rollback to ${run.from} completed`, { ms });
    this.#tell('rollback', 'done', ms);
    return 'rolled_back';
  }
}

/** Whatever becomes of it. */
async function inTime(work: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work.catch(() => undefined), late.promise]);
  clearTimeout(timer);
}

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;

function outcomeOf(back: RolledBack, run: Run, error: unknown): OperationResult['outcome'] {
  if (back === 'emergency') return 'emergency';
  if (error === run.signal.reason && isGivenUp(error)) return 'aborted';
  return back === 'rolled_back' ? 'rolled_back' : 'failed';
}
