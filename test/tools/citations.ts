/** Compares the list of requirements with the tests that cite them: `cites('<id>')`, by its literal id, in any test file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Requirement } from '../requirements.ts';

export interface Citation {
  id: string;
  /** Relative to the folder of tests. */
  file: string;
  /** False where the text is thrown away: such a citation exercises nothing. */
  used: boolean;
}

const CITATION = /(^[ \t]*)?\bcites\(\s*'([^']+)'\s*\)(;[ \t]*$)?/gm;

export function citationsIn(file: string, text: string): Citation[] {
  return [...text.matchAll(CITATION)].map(([, start, id = '', end]) => ({
    id,
    file,
    used: start === undefined || end === undefined,
  }));
}

export function citations(tests: string): Citation[] {
  return readdirSync(tests, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith('.test.ts') && !entry.parentPath.endsWith('repository'),
    )
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      return citationsIn(relative(tests, path), readFileSync(path, 'utf8'));
    });
}

function complaintOf(
  id: string,
  { test, issue, by }: Requirement,
  cited: readonly Citation[],
): string | undefined {
  const files = cited.filter((citation) => citation.id === id).map(({ file }) => file);
  const marks = [test, issue, by].filter((mark) => mark !== undefined);
  if (marks.length > 1) return `${id}: has ${marks.join(' and ')}; one of test, issue and by is enough`;
  if (issue && files.length > 0)
    return `${id}: waits for issue ${issue} but is cited by ${files[0]}; remove the letter`;
  if (by && files.length > 0)
    return `${id}: is an operator's work but is cited by ${files[0]}; name that test`;
  if (issue || by) return undefined;
  if (!test) return `${id}: no test is named${files[0] ? ` (${files[0]} cites it)` : ' and none cites it'}`;
  return files.includes(test) ? undefined : `${id}: ${test} does not cite it`;
}

/** What is wrong, a line each; empty when each requirement is cited, waits for its issue, or is an operator's. */
export function citationErrors(
  requirements: Readonly<Record<string, Requirement>>,
  cited: readonly Citation[],
): string[] {
  return [
    ...Object.entries(requirements).map(([id, requirement]) => complaintOf(id, requirement, cited)),
    ...cited.map(({ id, file }) =>
      id in requirements ? undefined : `${file}: cites ${id}, which no requirement has`,
    ),
    ...cited.map(({ id, file, used }) =>
      used ? undefined : `${file}: cites ${id} and does nothing with its text`,
    ),
  ].filter((line) => line !== undefined);
}
