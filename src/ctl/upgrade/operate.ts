/** Starts an upgrade or downgrade, follows it, and says how it ended. It runs in the node: leaving here leaves it running. */
import type { ParamsOf } from '../../control/methods.ts';
import type { OperationResult, UpgradeStatus } from '../../control/types.ts';
import { ask, type Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { headline } from '../output/upgrade-text.ts';
import { exitCodeOf, printEnd } from './finish.ts';
import { type FollowTarget, followOperation, settledResult } from './follow.ts';
import { PlainProgress, type Progress, silentProgress } from './progress.ts';
import { waitForWatch } from './watch.ts';

/** Of an operation whose own deadline is not known here. */
const LONGEST_S = 86_400;

export interface OperateOptions {
  waitWatch?: boolean;
}

export const runUpgrade = (
  invocation: Invocation,
  params: ParamsOf<'upgrade'>,
  options: OperateOptions,
): Promise<number> =>
  withInterrupt(invocation, async (signal) =>
    operate(invocation, await ask(invocation.home, 'upgrade', params), signal, options),
  );

export const runDowngrade = (invocation: Invocation, params: ParamsOf<'downgrade'>): Promise<number> =>
  withInterrupt(invocation, async (signal) =>
    operate(invocation, await ask(invocation.home, 'downgrade', params), signal, {}),
  );

/** Follows what another call has started. */
export const runFollow = (
  invocation: Invocation,
  { current_version, target_version }: UpgradeStatus,
): Promise<number> => {
  const start: FollowTarget = {
    kind: 'upgrade',
    state: 'started',
    current_version,
    target_version: target_version ?? current_version,
    deadline_s: LONGEST_S,
  };
  return withInterrupt(invocation, (signal) => operate(invocation, start, signal, {}));
};

async function operate(
  invocation: Invocation,
  start: FollowTarget,
  signal: AbortSignal,
  { waitWatch = false }: OperateOptions,
): Promise<number> {
  const { home, json, terminal } = invocation;
  let result =
    start.state === 'unchanged' ? await unchanged(home, start) : await follow(invocation, start, signal);
  if (!json) await printEnd(result, terminal);
  if (waitWatch && result.watch.active && exitCodeOf(result) === EXIT.ok) {
    const watch = await waitForWatch(home, signal, (text) => json || terminal.print(text));
    result = { ...result, watch };
  }
  if (json) terminal.print(JSON.stringify(result, null, 2));
  return exitCodeOf(result);
}

const unchanged = async (home: string, start: FollowTarget): Promise<OperationResult> =>
  settledResult(start, await ask(home, 'status', {}));

async function follow(
  invocation: Invocation,
  start: FollowTarget,
  signal: AbortSignal,
): Promise<OperationResult> {
  const { home, json, terminal } = invocation;
  if (!json) terminal.print(headline(start.kind, start.current_version, start.target_version));
  const progress = await chooseProgress(invocation, start);
  try {
    return await followOperation({
      home,
      start,
      signal,
      onEvent: (event) => progress.event(event),
      onNotice: (text) => progress.notice(text),
    });
  } finally {
    await progress.finish();
  }
}

async function chooseProgress({ json, terminal }: Invocation, { kind }: FollowTarget): Promise<Progress> {
  if (json) return silentProgress;
  if (!terminal.canRedraw) return new PlainProgress(terminal);
  const { ListrProgress } = await import('./listr-progress.ts');
  return new ListrProgress(kind);
}

/** Ctrl-C stops the following alone. */
async function withInterrupt(
  { terminal }: Invocation,
  body: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  // Not `once`: listr2's cursor restorer ends the process when it finds itself the only listener that is left.
  process.on('SIGINT', onSignal);
  try {
    return await body(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    terminal.printError('It goes on in the node. Follow it with: erlmcpctl upgrade --status');
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', onSignal);
  }
}
