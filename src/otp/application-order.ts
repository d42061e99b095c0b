/** The order in which applications start: each after those that it needs, else as they were given. They stop in reverse. */
import type { OtpApplication } from './application.ts';
import { ExitError, printAtom } from './exit-error.ts';

const fail = (reason: string, sentence: string): never => {
  throw new ExitError(reason, `${reason}: ${sentence}`);
};

/** @throws ExitError `{already_loaded, Name}`, `{missing_application, Name}`, `{circular_dependency, [Name, …]}` */
export function startOrder(specs: readonly OtpApplication[]): OtpApplication[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const ordered = new Set<OtpApplication>();
  const visit = (spec: OtpApplication, path: readonly string[]): void => {
    if (path.includes(spec.name)) failCircle([...path.slice(path.indexOf(spec.name)), spec.name]);
    if (ordered.has(spec)) return;
    for (const name of spec.applications ?? [])
      visit(byName.get(name) ?? failMissing(name, spec), [...path, spec.name]);
    ordered.add(spec);
  };
  for (const spec of specs) {
    if (byName.get(spec.name) !== spec)
      fail(`{already_loaded, ${printAtom(spec.name)}}`, 'two applications have this name; rename one.');
    visit(spec, []);
  }
  return [...ordered];
}

function failMissing(name: string, { name: by }: OtpApplication): never {
  return fail(
    `{missing_application, ${printAtom(name)}}`,
    `application ${by} needs it, and it is not there; add it.`,
  );
}

function failCircle(names: readonly string[]): never {
  const list = names.map(printAtom).join(', ');
  return fail(`{circular_dependency, [${list}]}`, `each of them needs the next; let one go.`);
}
