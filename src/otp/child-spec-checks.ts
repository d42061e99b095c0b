/** Refuses specifications that no supervisor could follow, in the words of OTP's `check_childspecs`. */
import type { ChildOptions, ChildSpec, SupervisorSpec } from './child-spec.ts';
import { ExitError, printAtom } from './exit-error.ts';

const STRATEGIES: readonly unknown[] = ['one_for_one', 'one_for_all', 'rest_for_one', 'simple_one_for_one'];
const RESTARTS: readonly unknown[] = ['permanent', 'transient', 'temporary'];

const isLimit = (value: unknown): boolean => typeof value === 'number' && value >= 0;

const print = (value: unknown): string => (typeof value === 'string' ? printAtom(value) : String(value));

function refuse(tag: string, value: unknown, sentence: string): never {
  const reason = `{${tag}, ${print(value)}}`;
  throw new ExitError(reason, `${reason}: ${sentence}`);
}

/** @throws ExitError `{invalid_strategy, S}`, `{invalid_intensity, N}`, `{invalid_period, N}` */
export function checkFlags({
  name,
  strategy = 'one_for_one',
  intensity = 1,
  periodMs = 5000,
}: SupervisorSpec): void {
  if (!STRATEGIES.includes(strategy))
    refuse('invalid_strategy', strategy, `the strategy of ${name} must be one of ${STRATEGIES.join(', ')}.`);
  if (!Number.isInteger(intensity) || intensity < 0)
    refuse('invalid_intensity', intensity, `the intensity of ${name} must be a whole number of restarts.`);
  if (!(periodMs > 0))
    refuse('invalid_period', periodMs, `the period of ${name} must be milliseconds above 0.`);
}

/** @throws ExitError `{bad_start_spec, Name}`, `{invalid_child_type, Name}`: neither children nor one kind of child that are servers */
export function checkKind(spec: SupervisorSpec): void {
  if (spec.strategy !== 'simple_one_for_one') {
    if (!Array.isArray(spec.children))
      refuse('bad_start_spec', spec.name, 'a supervisor needs children, a list of { id, start }.');
  } else if (spec.child?.start?.kind !== 'server') {
    refuse(
      'invalid_child_type',
      spec.name,
      'all children of it are of one kind: child: { start: genServer(...) }.',
    );
  } else if (spec.child.start.callbacks.persist === true) {
    refuse(
      'persist_without_name',
      spec.name,
      'its children have no names that a saved state could be found by.',
    );
  }
}

/** @throws ExitError `{invalid_child_type, Id}`, `{invalid_restart_type, R}`, `{invalid_shutdown, S}`, `{invalid_timeout, T}` */
export function checkChild(
  supervisor: string,
  id: string,
  { start, restart = 'permanent', shutdown = 5000, timeout = 0 }: ChildOptions & Pick<ChildSpec, 'start'>,
): void {
  const child = `child ${id} of ${supervisor}`;
  if (start?.kind !== 'server' && start?.kind !== 'supervisor')
    refuse('invalid_child_type', id, `${child} must start a genServer(...) or a supervisor(...).`);
  if (!RESTARTS.includes(restart))
    refuse('invalid_restart_type', restart, `restart of ${child} must be one of ${RESTARTS.join(', ')}.`);
  if (shutdown !== 'brutal_kill' && !isLimit(shutdown))
    refuse(
      'invalid_shutdown',
      shutdown,
      `shutdown of ${child} must be milliseconds, Infinity or 'brutal_kill'.`,
    );
  if (!isLimit(timeout))
    refuse('invalid_timeout', timeout, `timeout of ${child} must be milliseconds or Infinity.`);
}
