/** Edits of a release's sources: one that finds nothing to replace fails at once, so that no variant is built without it. */
import { readFile, writeFile } from 'node:fs/promises';

/** Puts `by` in the place of the first `text`. */
export async function replaceIn(file: string, text: string, by: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  if (!before.includes(text)) throw new Error(`${file} does not contain ${text}`);
  await writeFile(
    file,
    before.replace(text, () => by),
  );
}
