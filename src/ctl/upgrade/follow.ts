/**
 * Follows an operation to its end. A connection that breaks ends nothing: it is made again, and the events that were missed come
 * first. Bounded twice: by silence of the node, and by the operation's own deadline; past either, the outcome is unknown (124).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { NotificationOf } from '../../control/methods.ts';
import { UPGRADE_PHASES } from '../../control/phases.ts';
import type { OperationResult, OperationStart, StatusResult, UpgradeEvent } from '../../control/types.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ConnectionLost, ControlClient } from '../client.ts';
import { ask } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { RemoteError } from '../failure.ts';

export interface FollowTiming {
  /** A silent node is asked for a sign of life so often. */
  pingMs: number;
  /** No sign of life for so long, over all connections: given up. */
  silenceMs: number;
  /** Pause before the connection is made again. */
  retryMs: number;
  /** Added to the operation's own deadline. */
  graceMs: number;
}

const TIMING: FollowTiming = { pingMs: 5000, silenceMs: 30_000, retryMs: 200, graceMs: 30_000 };

/** Without an id: the operation that runs, or else the last one. */
export type FollowTarget = Omit<OperationStart, 'operation'> & { operation?: string };

export interface FollowOptions {
  home: string;
  start: FollowTarget;
  signal: AbortSignal;
  onEvent: (event: UpgradeEvent) => void;
  onNotice: (text: string) => void;
  timing?: Partial<FollowTiming>;
}

export async function followOperation(options: FollowOptions): Promise<OperationResult> {
  const timing = { ...TIMING, ...options.timing };
  const follower = new Follower(options, timing);
  const deadline = AbortSignal.timeout(options.start.deadline_s * 1000 + timing.graceMs);
  return follower.run(AbortSignal.any([options.signal, deadline]), deadline);
}

class Follower {
  readonly #options: FollowOptions;
  readonly #timing: FollowTiming;
  readonly #seen = new Set<string>();
  #operation: string | undefined;
  #lastHeard = performance.now();

  constructor(options: FollowOptions, timing: FollowTiming) {
    this.#options = options;
    this.#timing = timing;
    this.#operation = options.start.operation;
  }

  async run(ended: AbortSignal, deadline: AbortSignal): Promise<OperationResult> {
    let told = false;
    for (;;) {
      try {
        return await this.#followOnce(ended);
      } catch (error) {
        if (deadline.aborted) throw outcomeUnknown('the time that it may take has passed');
        if (ended.aborted || !isLoss(error)) throw error;
        if (performance.now() - this.#lastHeard > this.#timing.silenceMs) {
          throw outcomeUnknown('the node gives no sign of life');
        }
        if (!told) this.#options.onNotice('The connection to the node is lost; connecting again.');
        told = true;
        await delay(this.#timing.retryMs);
      }
    }
  }

  async #followOnce(ended: AbortSignal): Promise<OperationResult> {
    ended.throwIfAborted();
    const client = await ControlClient.connect(this.#options.home);
    const hangUp = (): void => client.close();
    ended.addEventListener('abort', hangUp, { once: true });
    const pings = setInterval(() => this.#ping(client), this.#timing.pingMs);
    client.onNotification = (_, event) => this.#onEvent(event);
    try {
      const wanted = this.#operation === undefined ? {} : { operation: this.#operation };
      return await client.request('upgrade_follow', wanted, Infinity);
    } catch (error) {
      if (isUnknownOperation(error)) return await this.#settled();
      throw error;
    } finally {
      this.#hear(client);
      clearInterval(pings);
      ended.removeEventListener('abort', hangUp);
      client.close();
    }
  }

  #onEvent(event: NotificationOf<'upgrade_event'>): void {
    this.#operation ??= event.operation;
    if (event.operation !== this.#operation) return;
    const key = `${event.phase}:${event.state}`;
    if (event.state !== 'running' && this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#options.onEvent(event);
  }

  #ping(client: ControlClient): void {
    this.#hear(client);
    if (performance.now() - this.#lastHeard > this.#timing.silenceMs) client.close();
    // The answer itself means nothing; without one the silence grows.
    else client.request('version', {}, Infinity).catch(() => {});
  }

  #hear(client: ControlClient): void {
    this.#lastHeard = Math.max(this.#lastHeard, client.lastHeard);
  }

  /** The node was started again since: what it runs says how the operation ended. */
  async #settled(): Promise<OperationResult> {
    const { home, start } = this.#options;
    const status = await ask(home, 'status', {});
    if (IN_PROGRESS.has(status.upgrade.status)) throw new ConnectionLost();
    if (start.kind === 'dry_run' || start.kind === 'verify_only') {
      throw outcomeUnknown('the node was started again meanwhile');
    }
    return settledResult(start, status);
  }
}

const IN_PROGRESS: ReadonlySet<string> = new Set(['preparing', 'upgrading', 'verifying']);

/** What the answer of `upgrade_follow` would have been, as far as the node still knows. */
export function settledResult(start: FollowTarget, { upgrade, watch }: StatusResult): OperationResult {
  const completed = upgrade.current_version === start.target_version;
  return {
    operation: start.operation ?? 'unknown',
    kind: start.kind,
    outcome: completed ? (start.state === 'unchanged' ? 'unchanged' : 'completed') : 'rolled_back',
    from_version: start.current_version,
    target_version: start.target_version,
    current_version: upgrade.current_version,
    phases_completed: start.state === 'unchanged' ? [] : upgrade.phases_completed,
    phases_total: UPGRADE_PHASES.length,
    failed_phase: null,
    start_time: upgrade.start_time ?? new Date().toISOString(),
    ms: start.state === 'unchanged' ? 0 : upgrade.phases_completed.reduce((sum, { ms }) => sum + ms, 0),
    error: completed
      ? null
      : {
          term: upgrade.error_reason ?? '{node_restarted, upgrade}',
          message: 'The node was started again before the operation was through.',
          remedy: 'Look for the reason in log/upgrade.log.',
          exit_code: EXIT.failed,
        },
    findings: [],
    watch,
    emergency: null,
  };
}

/** The node may be busy, closing, or starting again. */
function isLoss(error: unknown): boolean {
  if (error instanceof RemoteError) return error.failure.exit_code === EXIT.noAnswer;
  // Our own word that nobody will ever know is no loss.
  if (!(error instanceof OperatorError) || error.reason.startsWith(`{${UNKNOWN}`)) return false;
  return error.exitCode === EXIT.noAnswer || error.exitCode === EXIT.notReachable;
}

const isUnknownOperation = (error: unknown): boolean =>
  error instanceof RemoteError && error.failure.term.startsWith('{no_such_operation');

const UNKNOWN = 'outcome_unknown';

const outcomeUnknown = (why: string): OperatorError =>
  new OperatorError(
    tuple(UNKNOWN, 'operation'),
    `The end of the operation is not known: ${why}.`,
    'See what became of it with: erlmcpctl upgrade --status',
    { exitCode: EXIT.noAnswer },
  );
