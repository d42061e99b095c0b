/**
 * `erlmcp_upgrade_coordinator`: one operation at a time, each journalled. It belongs to the node: a caller that goes away
 * changes nothing.
 */
import {
  type OperationResult,
  type OperationStart,
  UPGRADE_PHASES,
  type UpgradePhase,
  type UpgradeStatus,
} from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { aborted, cancelled, messageOf, reasonOf, refuse, resumedByOperator } from './failure.ts';
import { Linger } from './linger.ts';
import { type Ended, Operation } from './operation.ts';
import { operationResult } from './result.ts';
import { inTime, NONE_RESUMED, type ResumeOutcome } from './resume-by-operator.ts';
import { newRun } from './run.ts';
import { assertPassed, runSmokeTest } from './smoke-test.ts';
import type { Finding, Run, UpgradeDeps, UpgradeRequest } from './types.ts';
import { Watch } from './watch.ts';

/** A rollback may take so long beyond an operation's own time-out. */
const ROLLBACK_MS = 60_000;
/** Of each check where somebody waits for the answer in a console. */
const VERIFY_MS = 3_000;

export class Coordinator {
  readonly watch: Watch;
  readonly #deps: UpgradeDeps;
  readonly #linger: Linger;
  #run: Run | undefined;
  #operation: Operation | undefined;
  #last: UpgradeStatus | undefined;
  #abort = new AbortController();
  #finished: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(deps: UpgradeDeps) {
    this.#deps = deps;
    this.watch = new Watch(deps.store);
    this.#linger = new Linger(deps);
    this.watch.onEnd = (end) => {
      const verdict = deps.verdict();
      deps.log.info(`The watch has ended: ${end}`, verdict);
      deps.store
        .noteWatch({ ended: end, verdict: verdict.row })
        .catch((error: Error) => deps.log.warn(`The journal could not be written: ${error.message}`));
      void this.#linger.endWarm().then(() => deps.atRest());
    };
    deps.router.onIdle = (runner) => this.#linger.settle(runner);
  }

  get phase(): UpgradePhase | null {
    return this.#operation?.phase ?? null;
  }

  /** How far the check of the rows is, while it is at it. */
  get progress(): string | null {
    return this.#run?.progress ?? null;
  }

  /** From the first phase to the end, a rollback included. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Starts an operation and returns at once. Throws `{upgrade_in_progress, Vsn}` for a second one, `{stopping, Vsn}`, `{no_active_runner}`. */
  start(request: UpgradeRequest): OperationStart {
    if (this.#stopping)
      throw refuse(tuple('stopping', request.version), 'The node is stopping.', 'Start it again first.');
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
    if (request.kind === 'verify_only') {
      this.#deps.events.begin(request.operation);
      void this.#verifyOnly(request);
      return { ...answer, state: 'started' };
    }
    if (request.version === current) return { ...answer, state: 'unchanged' };
    if (request.kind !== 'dry_run') this.#deps.beforeOperation();
    this.#abort = new AbortController();
    const run = newRun(request, this.#deps, this.#abort.signal);
    this.#deps.events.begin(request.operation);
    this.#finished = this.#operate(run);
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
      const ended: Ended = error ? { outcome: 'failed', error } : { outcome: 'completed' };
      this.#report(request, answer.current_version, startedAt, ended);
    });
    return { ...answer, state: 'started' };
  }

  #currentVersion(): string {
    return this.#deps.fleet.active?.vsn ?? this.#deps.store.active()?.vsn ?? '';
  }

  async #operate(run: Run): Promise<void> {
    const operation = new Operation(run, this.#deps, this.#linger, this.watch);
    this.#run = run;
    this.#operation = operation;
    const late = refuse(
      tuple('timeout', run.version),
      `It took longer than ${run.timeoutMs} ms.`,
      'Try again with a larger --timeout.',
    );
    const timer = setTimeout(() => this.#abort.abort(late), run.timeoutMs);
    let ended: Ended;
    try {
      ended = await operation.perform();
    } catch (error) {
      this.#deps.log.error(`S1: the operation could not be ended in order: ${messageOf(error)}`);
      ended = { outcome: 'failed', error, failedPhase: operation.phase };
    }
    clearTimeout(timer);
    this.#run = undefined;
    this.#operation = undefined;
    await this.#close(run, ended);
  }

  async #close(run: Run, ended: Ended): Promise<void> {
    const { outcome, error } = ended;
    run.journal.endedAt = Date.now();
    run.journal.outcome =
      outcome === 'completed' || outcome === 'rolled_back' || outcome === 'aborted' ? outcome : 'failed';
    if (error !== undefined) run.journal.reason = reasonOf(error);
    await this.#deps.store
      .writeJournal(run.journal)
      .catch((failure: Error) =>
        this.#deps.log.error(`The journal could not be written: ${failure.message}`),
      );
    if (run.kind !== 'dry_run')
      this.#last = {
        ...this.#statusOf(run, outcome === 'completed' ? 'completed' : 'failed'),
        error_reason: error === undefined ? null : reasonOf(error),
      };
    this.#report(run, run.from, run.startedAt, ended, run.phases, run.findings);
    this.#deps.atRest();
  }

  #report(
    request: UpgradeRequest,
    from: string,
    startedAt: number,
    ended: Ended,
    phases: Run['phases'] = [],
    findings: Finding[] = [],
  ): void {
    const current = this.#currentVersion();
    const seen = { request, from, current, startedAt, phases, findings, ...ended };
    const result: OperationResult = operationResult(seen, this.#deps, this.watch);
    this.#deps.events.end(result);
  }

  async #verifyOnly(request: UpgradeRequest): Promise<void> {
    const startedAt = Date.now();
    const findings = await runSmokeTest(request.version, this.#deps, { checkMs: VERIFY_MS });
    let ended: Ended = { outcome: 'completed' };
    try {
      assertPassed(findings);
    } catch (error) {
      ended = { outcome: 'failed', error };
    }
    this.#report(request, this.#currentVersion(), startedAt, ended, [], findings);
  }

  #statusOf(run: Run, status: UpgradeStatus['status']): UpgradeStatus {
    return {
      status,
      current_version: this.#currentVersion(),
      target_version: run.version,
      phases_completed: run.phases,
      phases_total: UPGRADE_PHASES.length,
      start_time: new Date(run.startedAt).toISOString(),
      error_reason: null,
    };
  }

  /** The answer of `erlmcp_upgrade_coordinator:get_upgrade_status()`. */
  status(): UpgradeStatus {
    if (this.#run && this.#operation) return this.#statusOf(this.#run, STATUS[this.#operation.phase]);
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
  }

  /**
   * Gives the operation up that runs, before its commit point. Resolves when the version before serves on. Throws `{no_upgrade, Vsn}`,
   * `{committed, Vsn}` past that point, `{taking_back, Vsn}` when it has not ended within 4 s.
   */
  async cancel(): Promise<{ version: string; target_version: string }> {
    const run = this.#run;
    const current = this.#currentVersion();
    if (!run) throw refuse(tuple('no_upgrade', current), 'No upgrade runs.', 'There is nothing to cancel.');
    if (run.committed || run.commit)
      throw refuse(
        tuple('committed', run.version),
        `The upgrade to ${run.version} is past its commit point.`,
        `Take it back with: erlmcpctl downgrade ${run.from} --force`,
      );
    this.#abort.abort(cancelled(run.version));
    await inTime(run.version, this.#finished);
    return { version: this.#currentVersion(), target_version: run.version };
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
    return { version: this.#currentVersion(), remaining_s };
  }

  /**
   * An operator's word that what is suspended has to go on: before the commit point the operation is given up and taken back;
   * after it the resume of the new version is brought to an end. undefined: no operation runs. Answers within 4 s.
   * @throws OperatorError `{taking_back, Vsn}` when the old version is not restored by then; `{resume_failed, Vsn}`
   */
  async resumeSupervisors(): Promise<ResumeOutcome | undefined> {
    const [run, operation] = [this.#run, this.#operation];
    if (!run || !operation) return undefined;
    if (run.committed && operation.phase === 'post_flight_checks' && !operation.takingBack)
      return { outcome: 'nothing', version: run.version, ...NONE_RESUMED };
    if (run.committed && !operation.takingBack) {
      this.#deps.log.warn(`An operator forces the resume of ${run.version}`);
      const report = await inTime(run.version, run.resumption.force());
      for (const name of report.restarted)
        this.#deps.log.warn(
          `Server ${name} hung in its resumed hook and was started anew; its state is lost`,
        );
      return { outcome: 'completed', version: run.version, ...report };
    }
    this.#abort.abort(resumedByOperator(run.version));
    await inTime(run.version, this.#finished);
    return { outcome: 'aborted', version: this.#currentVersion(), ...(run.wentOn ?? NONE_RESUMED) };
  }

  /** Before the node stops: the operation that runs is given up, and taken back. */
  async stop(): Promise<void> {
    this.#stopping = true;
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
