/**
 * One upgrade or downgrade from its first phase to its end. A failure before the commit point leaves the node as it was; one
 * after it is taken back. Whatever is thrown, the operation ends, and says how.
 */
import { type OperationResult, UPGRADE_PHASES, type UpgradePhase } from '../control/index.ts';
import { tuple } from '../errors/index.ts';
import { isGivenUp, messageOf, reasonOf, refuse, within } from './failure.ts';
import type { Linger } from './linger.ts';
import { loadModules } from './phases/load-modules.ts';
import { preFlightChecks } from './phases/pre-flight-checks.ts';
import { migrateData, resumeSupervisors, suspendSupervisors, transformState } from './phases/switch.ts';
import { type RolledBack, rollBack } from './rollback.ts';
import { assertPassed, runSmokeTest } from './smoke-test.ts';
import type { Run, UpgradeDeps } from './types.ts';
import type { Watch } from './watch.ts';

type Phase = (run: Run, deps: UpgradeDeps) => Promise<void>;

const PHASES: Record<UpgradePhase, Phase> = {
  pre_flight_checks: preFlightChecks,
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

export interface Ended {
  outcome: OperationResult['outcome'];
  error?: unknown;
  failedPhase?: UpgradePhase;
}

export class Operation {
  /** The phase that it is in. */
  phase: UpgradePhase = 'pre_flight_checks';
  /** It has failed, and the version before is being restored. */
  takingBack = false;
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
    // The old runner's end is noticed at once: a phase that waits for it would wait for its deadline.
    await within(Promise.race([PHASES[phase](run, this.#deps), this.#oldEnds()]), run.signal);
    const ms = since(started);
    run.phases.push({ phase, ms });
    run.journal.phases.push({ phase, ms });
    await this.#journal();
    const line = LINES[phase]?.replace('Upgrade', this.#word);
    if (line) this.#deps.log.info(line, { phase, ms });
    else this.#deps.log.info(`Phase ${phase} done`, { ms });
    this.#tell(phase, 'done', ms);
  }

  #journal(): Promise<void> {
    return this.#deps.store.writeJournal(this.#run.journal);
  }

  async #oldEnds(): Promise<never> {
    const reason = await this.#run.old.ended;
    if (this.#run.committed) return new Promise<never>(() => {});
    throw refuse(
      tuple('runner_ended', this.#run.from),
      `The runner of ${this.#run.from} has ended: ${reason}.`,
      'See log/console.log, then try again.',
    );
  }

  #tell(
    phase: UpgradePhase | 'rollback',
    state: 'started' | 'done' | 'failed',
    ms?: number,
    message?: string,
  ): void {
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
    if (run.kind === 'dry_run') {
      await run.old.call('trackWrites', { on: false }, TIDY_MS).catch(() => undefined);
      return;
    }
    this.#watch.resume();
    this.#deps.fleet.allowRestarts(run.version);
    this.#linger.begin(run.old);
  }

  async #failed(error: unknown): Promise<Ended> {
    const { log } = this.#deps;
    const failedPhase = this.phase;
    log.error(`${this.#word} failed at phase: ${failedPhase}`);
    log.error(`Reason: ${reasonOf(error)}`, { message: messageOf(error) });
    this.#tell(failedPhase, 'failed', undefined, `${reasonOf(error)}: ${messageOf(error)}`);
    const back = await this.#takeBack(failedPhase);
    if (this.#run.drainMs !== undefined) this.#deps.router.drain.end();
    return { outcome: outcomeOf(back, this.#run, error), error, failedPhase };
  }

  async #takeBack(phase: UpgradePhase): Promise<RolledBack> {
    const { log } = this.#deps;
    const run = this.#run;
    const changed = !UNCHANGED.has(phase);
    this.takingBack = true;
    const started = performance.now();
    if (changed) {
      log.warn('Initiating automatic rollback', { to: run.from });
      this.#tell('rollback', 'started');
    }
    const back = await rollBack(run, this.#deps);
    if (run.next?.state === 'lingering') this.#linger.retire(run.next);
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

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;

function outcomeOf(back: RolledBack, run: Run, error: unknown): OperationResult['outcome'] {
  if (back === 'emergency') return 'emergency';
  if (error === run.signal.reason && isGivenUp(error)) return 'aborted';
  return back === 'rolled_back' ? 'rolled_back' : 'failed';
}
