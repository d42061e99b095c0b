import { appendFileSync, constants, fstatSync, ftruncateSync, readSync } from 'node:fs';
import { copyFile, rename, rm, stat } from 'node:fs/promises';

/**
 * Rotation by copy and truncation, so that a reader that holds the file open goes on reading it. At each moment every line is
 * in the file or in `.1`: the truncation and the copy of the last bytes are one synchronous step of the only writer.
 */

/** Copies the file to `.1` after moving the older ones up. Returns the bytes copied; the file may grow meanwhile. */
export async function prepareRotation(path: string, files: number): Promise<number | undefined> {
  if (files === 0) return undefined;
  const partial = `${path}.partial`;
  try {
    await copyFile(path, partial, constants.COPYFILE_FICLONE);
    for (let index = files - 1; index >= 1; index--)
      await renameIfThere(`${path}.${index}`, `${path}.${index + 1}`);
    await rename(partial, `${path}.1`);
    return (await stat(`${path}.1`)).size;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Adds what was written since the copy to `.1` and empties the file. `copied` undefined: no copy is kept. */
export function finishRotation(fd: number, path: string, copied: number | undefined): void {
  if (copied !== undefined) {
    const added = fstatSync(fd).size - copied;
    if (added > 0) appendRest(fd, path, copied, added);
  }
  ftruncateSync(fd, 0);
}

function appendRest(fd: number, path: string, from: number, length: number): void {
  const rest = Buffer.alloc(length);
  const read = readSync(fd, rest, 0, length, from);
  appendFileSync(`${path}.1`, rest.subarray(0, read));
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
