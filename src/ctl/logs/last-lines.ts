/** The last lines of a log, read from its end backwards, on into the rotated files where one is too short. */
import type { FileHandle } from 'node:fs/promises';
import { markBefore, openAll, readAt } from './rotated.ts';

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
const TRIES = 5;

export interface LastLines {
  /** Oldest first. */
  lines: string[];
  /** Where in the file the next line begins; what stands behind it has no end yet. */
  position: number;
  /** The bytes before it, by which it is found again after a rotation. */
  mark: Buffer;
}

/** Undefined without such a file. A rotation in the midst of it, which could lose or double lines, has it begin again. */
export async function lastLines(
  path: string,
  count: number,
  keep: (line: string) => boolean,
): Promise<LastLines | undefined> {
  for (let tries = 1; ; tries++) {
    const files = await openAll(path);
    const [current] = files;
    if (!current) return undefined;
    try {
      const found = await collect(files, count, keep);
      const mark = await markBefore(current.file, found.position);
      const { size } = await current.file.stat();
      if (size >= current.size || tries === TRIES) return { ...found, mark };
    } finally {
      await Promise.all(files.map(({ file }) => file.close()));
    }
  }
}

async function collect(
  files: readonly { file: FileHandle; size: number }[],
  count: number,
  keep: (line: string) => boolean,
): Promise<Omit<LastLines, 'mark'>> {
  const lines: string[] = [];
  let position = 0;
  for (const [index, { file, size }] of files.entries()) {
    for await (const { line, start, ended } of linesBackwards(file, size)) {
      if (index === 0 && !ended) continue;
      if (index === 0) position ||= start + line.length + 1;
      if (lines.length === count) break;
      const text = line.toString('utf8');
      if (keep(text)) lines.push(text);
    }
    if (lines.length === count) break;
  }
  return { lines: lines.reverse(), position };
}

interface RawLine {
  line: Buffer;
  start: number;
  /** By a line feed; only the last line of a file can be without one. */
  ended: boolean;
}

async function* linesBackwards(file: FileHandle, size: number): AsyncGenerator<RawLine> {
  let parts: Buffer[] = [];
  let ended = false;
  const take = (start: number): RawLine => {
    const line = Buffer.concat(parts.reverse());
    parts = [];
    return { line, start, ended };
  };
  for (let end = size; end > 0; ) {
    const from = Math.max(end - CHUNK_BYTES, 0);
    const chunk = await readAt(file, from, end - from);
    let upTo = chunk.length;
    for (
      let at = chunk.lastIndexOf(LINE_FEED);
      at !== -1;
      at = at === 0 ? -1 : chunk.lastIndexOf(LINE_FEED, at - 1)
    ) {
      parts.push(chunk.subarray(at + 1, upTo));
      if (ended || from + at + 1 < size) yield take(from + at + 1);
      else parts = [];
      ended = true;
      upTo = at;
    }
    parts.push(chunk.subarray(0, upTo));
    end = from;
  }
  if (parts.some((part) => part.length > 0)) yield take(0);
}
