/** Specifications of supervisors are checked when they are defined, so that a mistake names its place. */
import {
  isDynamic,
  type StaticSupervisorSpec,
  type SupervisorDefinition,
  type SupervisorSpec,
} from './child-spec.ts';
import { checkChild, checkFlags, checkKind } from './child-spec-checks.ts';
import { ExitError, printAtom } from './exit-error.ts';

/**
 * Defines a supervisor: the root's (`new Supervisor(...)`), or a child's `start`.
 * @throws ExitError `{duplicate_child_id, Id}`, `{invalid_strategy, S}`, `{invalid_intensity, N}`, `{invalid_period, N}`, `{invalid_child_type, Id}`, …
 */
export function supervisor(definition: SupervisorDefinition): SupervisorSpec {
  const spec: SupervisorSpec = { ...definition, kind: 'supervisor' };
  checkFlags(spec);
  checkKind(spec);
  if (isDynamic(spec)) checkChild(spec.name, spec.name, spec.child);
  else checkChildren(spec);
  return spec;
}

function checkChildren({ name, children }: StaticSupervisorSpec): void {
  const ids = children.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  for (const child of children) checkChild(name, child.id, child);
  if (twice === undefined) return;
  const reason = `{duplicate_child_id, ${printAtom(twice)}}`;
  throw new ExitError(reason, `${reason}: two children of ${name} have this id; rename one.`);
}
