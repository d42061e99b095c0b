/**
 * A log file and those before it. The node rotates by copying to `.1` and emptying the file, so the file and `.1` may hold the same
 * lines for a moment; they are told apart by what stands in them.
 */
import { type FileHandle, open } from 'node:fs/promises';

const MAX_ROTATED = 100;
/** So many bytes of a log, which begins with a time, are taken as its mark. */
const MARK_BYTES = 256;

export const rotatedPath = (path: string, index: number): string => (index === 0 ? path : `${path}.${index}`);

/** Undefined without such a file. */
export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(length, 0));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

/** The last bytes before `position`: they say whether another file goes on where this one was read up to. */
export const markBefore = (file: FileHandle, position: number): Promise<Buffer> =>
  readAt(file, Math.max(position - MARK_BYTES, 0), Math.min(position, MARK_BYTES));

/** The mark after one more piece was read. */
export const nextMark = (mark: Buffer, piece: Buffer): Buffer =>
  Buffer.from(Buffer.concat([mark, piece]).subarray(-MARK_BYTES));

export async function hasMark(file: FileHandle, position: number, mark: Buffer): Promise<boolean> {
  const { size } = await file.stat();
  return size >= position && (await markBefore(file, position)).equals(mark);
}

/** The file and its predecessors, newest first, each with its size; a `.1` that is the copy of the file itself is left out. */
export async function openAll(path: string): Promise<{ file: FileHandle; size: number }[]> {
  const found: { file: FileHandle; size: number }[] = [];
  try {
    for (let index = 0; index <= MAX_ROTATED; index++) {
      const file = await openIfThere(rotatedPath(path, index));
      if (!file) break;
      const { size } = await file.stat();
      if (index === 1 && (await isCopy(found[0]!, { file, size }))) await file.close();
      else found.push({ file, size });
    }
    return found;
  } catch (error) {
    await Promise.all(found.map(({ file }) => file.close()));
    throw error;
  }
}

type Sized = { file: FileHandle; size: number };

async function isCopy(current: Sized, before: Sized): Promise<boolean> {
  if (before.size === 0 || current.size < before.size) return false;
  return hasMark(current.file, before.size, await markBefore(before.file, before.size));
}
