/**
 * `erlmcp_upgrade_coordinator`: one operation at a time, phase after phase, each journalled. Whatever fails before the
 * commit point leaves the node as it was; whatever fails after it is taken back. A caller that goes away changes nothing.
 */
import {
  type OperationResult,
  type OperationStart,
  UPGRADE_PHASES,
  type UpgradePhase,
  type UpgradeStatus,
} from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { aborted, messageOf, reasonOf, refuse, within } from './failure.ts';
import { Linger } from './linger.ts';
import { loadModules } from './phases/load-modules.ts';
import { preFlightChecks } from './phases/pre-flight-checks.ts';
import { migrateData, resumeSupervisors, suspendSupervisors, transformState } from './phases/switch.ts';
import { operationResult } from './result.ts';
import { type RolledBack, rollBack } from './rollback.ts';
import { assertPassed, runSmokeTest } from './smoke-test.ts';
import type { Run, UpgradeDeps, UpgradeRequest } from './types.ts';
import { Watch } from './watch.ts';

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
    run.backup = await deps.backup(`${run.kind}-${run.from}-${run.version}`);
  },
  load_modules: loadModules,
  suspend_supervisors: suspendSupervisors,
  transform_state: transformState,
  migrate_data: migrateData,
  resume_supervisors: resumeSupervisors,
  post_flight_checks: async (run, deps) => {
    const findings = await runSmokeTest(run.version, deps);
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

/** A rollback may take so long beyond an operation's own time-out. */
const ROLLBACK_MS = 60_000;

export class Coordinator {
  readonly watch: Watch;
  readonly #deps: UpgradeDeps;
  readonly #linger: Linger;
  #run: Run | undefined;
  #phase: UpgradePhase | null = null;
  #last: UpgradeStatus | undefined;
  #abort = new AbortController();
  #finished: Promise<void> = Promise.resolve();

  constructor(deps: UpgradeDeps) {
    this.#deps = deps;
    this.watch = new Watch(deps.store);
    this.#linger = new Linger(deps);
    this.watch.onEnd = () => void this.#linger.endWarm();
    deps.router.onIdle = (runner) => this.#linger.settle(runner);
  }

  get phase(): UpgradePhase | null {
    return this.#phase;
  }

  /** From the first phase to the end, a rollback included. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Starts an operation and returns at once. Throws `{upgrade_in_progress, Vsn}` for a second one. */
  start(request: UpgradeRequest): OperationStart {
    const current = this.#currentVersion();
    const answer = {
      operation: request.operation,
      kind: request.kind,
      current_version: current,
      target_version: request.version,
      deadline_s: Math.ceil((request.timeoutMs + ROLLBACK_MS) / 1_000),
    };
    if (this.#run) {
      if (request.kind === 'downgrade' && request.force && request.version === this.#run.from)
        return this.#startAbort(request, answer);
      throw refuse(
        tuple('upgrade_in_progress', this.#run.version),
        `An upgrade to ${this.#run.version} is running.`,
        'Follow it with: erlmcpctl upgrade --status',
      );
    }
    if (request.version === current && request.kind !== 'verify_only')
      return { ...answer, state: 'unchanged' };
    this.#deps.events.begin(request.operation);
    this.#finished = this.#operate(request);
    return { ...answer, state: 'started' };
  }

  /** A forced downgrade to the version that an upgrade comes from: the upgrade is given up. */
  #startAbort(request: UpgradeRequest, answer: Omit<OperationStart, 'state'>): OperationStart {
    const startedAt = Date.now();
    this.#deps.events.begin(request.operation);
    this.#deps.log.warn(`A downgrade to ${request.version} with --force ends the running upgrade`);
    this.#abort.abort(aborted('downgrade --force'));
    void this.#finished.then(() => {
      const current = this.#currentVersion();
      const error =
        current === request.version
          ? undefined
          : refuse(tuple('not_rolled_back', current), `${current} serves.`, 'See log/upgrade.log.');
      this.#deps.events.end(
        operationResult(
          {
            request,
            from: answer.current_version,
            current,
            startedAt,
            error,
            outcome: error ? 'failed' : 'completed',
          },
          this.#deps,
          this.watch,
        ),
      );
    });
    return { ...answer, state: 'started' };
  }

  #currentVersion(): string {
    return this.#deps.fleet.active?.vsn ?? this.#deps.store.active()?.vsn ?? '';
  }

  async #operate(request: UpgradeRequest): Promise<void> {
    if (request.kind === 'verify_only') await this.#verifyOnly(request);
    else {
      const run = this.#open(request);
      this.#run = run;
      const timer = setTimeout(
        () =>
          this.#abort.abort(
            refuse(
              tuple('timeout', run.version),
              `It took longer than ${request.timeoutMs} ms.`,
              'Try again with a larger --timeout.',
            ),
          ),
        request.timeoutMs,
      );
      try {
        await this.#phases(run);
      } finally {
        clearTimeout(timer);
        this.#run = undefined;
        this.#phase = null;
      }
    }
  }

  #open(request: UpgradeRequest): Run {
    const { active } = this.#deps.fleet;
    if (!active)
      throw refuse(tuple('no_active_runner'), 'No runner serves.', 'See log/error.log, then try again.');
    this.#abort = new AbortController();
    const now = Date.now();
    return {
      ...request,
      direction: request.kind === 'downgrade' ? 'down' : 'up',
      from: active.vsn,
      startedAt: now,
      deadline: now + request.timeoutMs,
      signal: this.#abort.signal,
      findings: [],
      phases: [],
      journal: {
        id: this.#deps.store.nextJournalId(),
        kind: request.kind === 'downgrade' ? 'downgrade' : 'upgrade',
        from: active.vsn,
        to: request.version,
        startedAt: now,
        phases: [],
      },
      old: active,
      running: undefined,
      target: undefined,
      plan: undefined,
      next: undefined,
      warm: undefined,
      snapshot: undefined,
      backup: undefined,
      committed: false,
      resumed: false,
    };
  }

  async #phases(run: Run): Promise<void> {
    const { log, fleet, store } = this.#deps;
    const word = run.kind === 'downgrade' ? 'Downgrade' : 'Upgrade';
    log.info(`${word} to ${run.version} started`, { from: run.from, force: run.force });
    await store.writeJournal(run.journal);
    const phases = run.kind === 'dry_run' ? UPGRADE_PHASES.slice(0, 1) : UPGRADE_PHASES;
    if (run.kind !== 'dry_run') fleet.holdRestarts();
    for (const phase of phases) {
      try {
        await this.#perform(run, phase, word);
      } catch (error) {
        await this.#failed(run, phase, error, word);
        return;
      }
    }
    await this.#completed(run);
  }

  async #perform(run: Run, phase: UpgradePhase, word: string): Promise<void> {
    this.#phase = phase;
    this.#tell(run, phase, 'started');
    const started = performance.now();
    // The old runner's end is noticed at once: a phase that waits for it would wait for its deadline.
    await within(Promise.race([PHASES[phase](run, this.#deps), this.#oldEnds(run)]), run.signal);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    run.phases.push({ phase, ms });
    run.journal.phases.push({ phase, ms });
    await this.#deps.store.writeJournal(run.journal);
    const line = LINES[phase]?.replace('Upgrade', word);
    if (line) this.#deps.log.info(line, { phase, ms });
    else this.#deps.log.info(`Phase ${phase} done`, { ms });
    this.#tell(run, phase, 'done', ms);
  }

  async #oldEnds(run: Run): Promise<never> {
    const reason = await run.old.ended;
    if (run.committed) return new Promise<never>(() => {});
    throw refuse(
      tuple('runner_ended', run.from),
      `The runner of ${run.from} has ended: ${reason}.`,
      'See log/console.log, then try again.',
    );
  }

  #tell(
    run: Run,
    phase: UpgradePhase | 'rollback',
    state: 'started' | 'done' | 'failed',
    ms?: number,
    message?: string,
  ): void {
    this.#deps.events.tell({
      operation: run.operation,
      phase,
      state,
      completed: run.phases.length,
      total: UPGRADE_PHASES.length,
      ...(ms === undefined ? {} : { ms }),
      ...(message === undefined ? {} : { message }),
    });
  }

  async #completed(run: Run): Promise<void> {
    if (run.kind === 'dry_run') await this.#goOnAfterDryRun(run);
    else {
      this.watch.resume();
      this.#deps.fleet.allowRestarts(run.version);
      await run.next?.call('guardWrites', { mode: 'off' }, 5_000).catch(() => undefined);
      this.#linger.begin(run.old);
    }
    await this.#end(run, 'completed');
  }

  async #goOnAfterDryRun(run: Run): Promise<void> {
    await run.old.call('trackWrites', { on: false }, 5_000).catch(() => undefined);
  }

  async #failed(run: Run, phase: UpgradePhase, error: unknown, word: string): Promise<void> {
    const { log } = this.#deps;
    log.error(`${word} failed at phase: ${phase}`);
    log.error(`Reason: ${reasonOf(error)}`, { message: messageOf(error) });
    this.#tell(run, phase, 'failed', undefined, `${reasonOf(error)}: ${messageOf(error)}`);
    const back = await this.#takeBack(run, phase);
    const outcome = outcomeOf(back, run, error);
    await this.#end(run, outcome, error, phase);
  }

  async #takeBack(run: Run, phase: UpgradePhase): Promise<RolledBack> {
    const { log } = this.#deps;
    const changed = phase !== 'pre_flight_checks' && phase !== 'backup_state';
    const started = performance.now();
    if (changed) {
      log.warn('Initiating automatic rollback', { to: run.from });
      this.#tell(run, 'rollback', 'started');
    }
    const back = await rollBack(run, this.#deps);
    if (run.next?.state === 'lingering') this.#linger.settle(run.next);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    if (!changed) return back;
    if (back === 'emergency' || back === 'kept_new') {
      log.error(`S1: rollback to ${run.from} failed`, { outcome: back });
      this.#tell(run, 'rollback', 'failed', ms);
      return back;
    }
    log.info(`Rollback to ${run.from} completed`, { ms });
    this.#tell(run, 'rollback', 'done', ms);
    return run.phases.length > 2 ? 'rolled_back' : back;
  }

  async #end(
    run: Run,
    outcome: OperationResult['outcome'],
    error?: unknown,
    phase?: UpgradePhase,
  ): Promise<void> {
    run.journal.endedAt = Date.now();
    run.journal.outcome =
      outcome === 'completed' ? 'completed' : outcome === 'rolled_back' ? 'rolled_back' : 'failed';
    if (error !== undefined) run.journal.reason = reasonOf(error);
    await this.#deps.store.writeJournal(run.journal);
    const current = this.#currentVersion();
    if (run.kind !== 'dry_run')
      this.#last = {
        status: outcome === 'completed' ? 'completed' : 'failed',
        current_version: current,
        target_version: run.version,
        phases_completed: run.phases,
        phases_total: UPGRADE_PHASES.length,
        start_time: new Date(run.startedAt).toISOString(),
        error_reason: error === undefined ? null : reasonOf(error),
      };
    const seen = {
      request: run,
      from: run.from,
      current,
      startedAt: run.startedAt,
      error,
      outcome,
      phases: run.phases,
      failedPhase: phase ?? null,
      findings: run.findings,
    };
    this.#deps.events.end(operationResult(seen, this.#deps, this.watch));
  }

  async #verifyOnly(request: UpgradeRequest): Promise<void> {
    const startedAt = Date.now();
    const findings = await runSmokeTest(request.version, this.#deps);
    let error: unknown;
    try {
      assertPassed(findings);
    } catch (failure) {
      error = failure;
    }
    const current = this.#currentVersion();
    const seen = {
      request,
      from: current,
      current,
      startedAt,
      error,
      outcome: error ? ('failed' as const) : ('completed' as const),
      findings,
    };
    this.#deps.events.end(operationResult(seen, this.#deps, this.watch));
  }

  /** The answer of `erlmcp_upgrade_coordinator:get_upgrade_status()`. */
  status(): UpgradeStatus {
    const run = this.#run;
    if (!run)
      return (
        this.#last ?? {
          status: 'idle',
          current_version: this.#currentVersion(),
          target_version: null,
          phases_completed: [],
          phases_total: UPGRADE_PHASES.length,
          start_time: null,
          error_reason: null,
        }
      );
    return {
      status: STATUS[this.#phase ?? 'pre_flight_checks'],
      current_version: this.#currentVersion(),
      target_version: run.version,
      phases_completed: run.phases,
      phases_total: UPGRADE_PHASES.length,
      start_time: new Date(run.startedAt).toISOString(),
      error_reason: null,
    };
  }

  /** Ends the watch by an operator's word. Throws `{no_watch}` when there is none. */
  async accept(): Promise<{ version: string; remaining_s: number }> {
    const remaining_s = Math.ceil(this.watch.remainingMs / 1_000);
    if (!(await this.watch.end('accepted')))
      throw new OperatorError(
        tuple('no_watch', this.#currentVersion()),
        'No watch is running.',
        'There is nothing to accept.',
      );
    this.#deps.log.info('The watch was ended by an operator: the upgrade is accepted');
    return { version: this.#currentVersion(), remaining_s };
  }

  /** Before the node stops: the operation that runs is given up, and taken back. */
  async stop(): Promise<void> {
    this.#abort.abort(aborted('the stop of the node'));
    await this.#finished;
    this.watch.stop();
    this.#linger.stop();
  }
}

const STATUS: Record<UpgradePhase, UpgradeStatus['status']> = {
  pre_flight_checks: 'preparing',
  backup_state: 'preparing',
  load_modules: 'preparing',
  suspend_supervisors: 'upgrading',
  transform_state: 'upgrading',
  migrate_data: 'upgrading',
  resume_supervisors: 'upgrading',
  post_flight_checks: 'verifying',
};

function outcomeOf(back: RolledBack, run: Run, error: unknown): OperationResult['outcome'] {
  if (back === 'emergency') return 'emergency';
  if (error === run.signal.reason && run.signal.aborted && reasonOf(error).startsWith('{aborted'))
    return 'aborted';
  return back === 'rolled_back' ? 'rolled_back' : 'failed';
}
