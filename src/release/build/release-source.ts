/** `erlmcp.release.json`: what a release's source folder holds. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import { OperatorError, type Term, tuple } from '../../errors/index.ts';
import { firstIssue } from '../manifest.ts';

export const RELEASE_FILE = 'erlmcp.release.json';
export const APPUP_SOURCE = 'appup.ts';

const ReleaseFileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]*$/, 'lower-case letters, digits, _ and -'),
  vsn: z.string().refine((vsn) => semver.valid(vsn) === vsn, 'a semantic version such as 3.0.0'),
  /** Modules whose default export is an application, relative to the folder. */
  applications: z.array(z.string().min(1)).min(1),
});

export interface ReleaseSource extends z.infer<typeof ReleaseFileSchema> {
  /** Absolute. */
  folder: string;
  /** Absolute; undefined: the release has no appup, each chain is its one version. */
  appup: string | undefined;
}

/** Throws `{bad_release, File, Reason}`. */
export async function readReleaseSource(sourceFolder: string): Promise<ReleaseSource> {
  const folder = resolve(sourceFolder);
  const file = join(folder, RELEASE_FILE);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw badRelease(file, tuple('missing'), 'a release is built from a folder with this file', cause);
  });
  const release = parse(file, text);
  for (const path of release.applications) await checkModule(file, folder, path);
  const appup = join(folder, APPUP_SOURCE);
  return { ...release, folder, appup: (await isFile(appup)) ? appup : undefined };
}

function parse(file: string, text: string): z.infer<typeof ReleaseFileSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badRelease(file, tuple('not_json'), cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = ReleaseFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw badRelease(file, tuple('invalid'), firstIssue(parsed.error), parsed.error);
}

async function checkModule(file: string, folder: string, path: string): Promise<void> {
  const inside = relative(folder, resolve(folder, path));
  if (isAbsolute(path) || inside.startsWith('..')) {
    throw badRelease(file, tuple('outside', path), 'an application lies outside of the release folder');
  }
  if (!(await isFile(resolve(folder, path)))) {
    throw badRelease(file, tuple('missing_module', path), 'there is no such application module');
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const badRelease = (file: string, reason: Term, sentence: string, cause?: unknown): OperatorError =>
  new OperatorError(tuple('bad_release', file, reason), `${sentence}.`, `Correct ${RELEASE_FILE}.`, {
    cause,
  });
