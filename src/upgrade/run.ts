import { tuple } from '../errors/index.ts';
import { refuse } from './failure.ts';
import { assertKnown } from './plan/hold-to-plan.ts';
import { Resumption } from './resumption.ts';
import type { Run, UpgradeDeps, UpgradeRequest } from './types.ts';

/** A run before its first phase. Throws `{no_active_runner}`, `{unknown_plan, Id}`. */
export function newRun(request: UpgradeRequest, { fleet, store }: UpgradeDeps, signal: AbortSignal): Run {
  const { active } = fleet;
  if (!active)
    throw refuse(tuple('no_active_runner'), 'No runner serves.', 'See log/error.log, then try again.');
  assertKnown(request, store);
  const now = Date.now();
  const kind = request.kind === 'downgrade' ? 'downgrade' : 'upgrade';
  return {
    ...request,
    direction: kind === 'downgrade' ? 'down' : 'up',
    from: active.vsn,
    startedAt: now,
    deadline: performance.now() + request.timeoutMs,
    signal,
    findings: [],
    progress: undefined,
    phases: [],
    journal: {
      id: store.nextJournalId(),
      kind: request.kind === 'dry_run' ? 'dry_run' : kind,
      ...(request.by === undefined ? {} : { by: request.by }),
      ...(request.why === undefined ? {} : { why: request.why }),
      from: active.vsn,
      to: request.version,
      startedAt: now,
      phases: [],
    },
    old: active,
    running: undefined,
    target: undefined,
    next: undefined,
    warm: undefined,
    snapshot: undefined,
    committed: false,
    commit: undefined,
    resumption: new Resumption(),
    wentOn: undefined,
  };
}
