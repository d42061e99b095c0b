/** Loads an `appup.mjs`: a module without imports, whose default export is an appup or a list of them. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { OperatorError, tuple } from '../errors/index.ts';
import { type Appup, appupProblem } from './appup.ts';
import { sha256 } from './checksum.ts';

export type Appups = Readonly<Record<string, Appup>>;

/**
 * Appups by application. The same content gives the same module; changed content is loaded anew.
 * Throws `{bad_appup, Path}`.
 */
export async function loadAppupFile(path: string): Promise<Appups> {
  try {
    return byApplication(await importFresh(path));
  } catch (cause) {
    throw new OperatorError(
      tuple('bad_appup', path),
      `the appup can not be used (${cause instanceof Error ? cause.message : cause}).`,
      'Correct appup.ts of the release and build it again.',
      { cause },
    );
  }
}

async function importFresh(path: string): Promise<unknown> {
  const url = `${pathToFileURL(path).href}?sha256=${sha256(await readFile(path))}`;
  const module: { default?: unknown } = await import(/* @vite-ignore */ url);
  return module.default;
}

function byApplication(exported: unknown): Appups {
  const list: unknown[] = Array.isArray(exported) ? exported : [exported];
  const appups: Record<string, Appup> = {};
  for (const appup of list) {
    const problem = appupProblem(appup);
    if (problem !== undefined) throw new TypeError(problem);
    const { application } = appup as Appup;
    if (application in appups) throw new TypeError(`application ${application} has two appups`);
    appups[application] = appup as Appup;
  }
  return appups;
}
