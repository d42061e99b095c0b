/**
 * Follows a log on: through rotation by copy and truncation, through a file that is removed and made anew, and while the node is
 * down. Each line comes once: whoever falls behind a rotation, or several, finds the place in the rotated files again by the
 * bytes before it.
 */
import { watch } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LineSplitter } from '../../control/line-splitter.ts';
import { hasMark, nextMark, openIfThere, readAt, rotatedPath } from './rotated.ts';

/** Changes are told by the file system; a poll sees what it does not tell. */
const POLL_MS = 500;
const CHUNK_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MAX_ROTATED = 100;

export interface FollowOptions {
  path: string;
  /** From here on: a place at which a line begins, and the bytes before it. */
  position: number;
  mark: Buffer;
  signal: AbortSignal;
  /** Awaited before more is read, so that a slow reader is not run over. */
  onLines: (lines: string[]) => Promise<void>;
}

/** Resolves when the signal aborts. */
export async function followLog(options: FollowOptions): Promise<void> {
  const follower = new Follower(options);
  const changes = new Changes(dirname(options.path), options.signal);
  try {
    while (!options.signal.aborted) {
      await follower.catchUp();
      await changes.next();
    }
  } finally {
    await follower.close();
  }
}

class Follower {
  readonly #options: FollowOptions;
  #file: FileHandle | undefined;
  #position: number;
  #mark: Buffer;
  #lines = new LineSplitter(MAX_LINE_BYTES);

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#mark = options.mark;
  }

  async catchUp(): Promise<void> {
    const { path } = this.#options;
    this.#file ??= await openIfThere(path);
    if (!this.#file) return;
    while (!(await this.#readRest(this.#file))) await this.#catchUpRotated();
    if (await this.#wasReplaced(this.#file)) await this.#beginAnew();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** The place was in a file that has been rotated since: its rest, then the files after it, then the current one from its start. */
  async #catchUpRotated(): Promise<void> {
    const rotated = await this.#findPlace();
    for (let index = rotated ?? 0; index >= 1; index--) {
      const file = await openIfThere(rotatedPath(this.#options.path, index));
      if (!file) continue;
      try {
        await this.#readRest(file);
      } finally {
        await file.close();
      }
      this.#restart();
    }
    this.#restart();
  }

  async #findPlace(): Promise<number | undefined> {
    for (let index = 1; index <= MAX_ROTATED; index++) {
      const file = await openIfThere(rotatedPath(this.#options.path, index));
      if (!file) return undefined;
      try {
        if (await hasMark(file, this.#position, this.#mark)) return index;
      } finally {
        await file.close();
      }
    }
    return undefined;
  }

  /** False where the file does not hold the place any more: looked at in the same read, for it may be rotated at any moment. */
  async #readRest(file: FileHandle): Promise<boolean> {
    while (!this.#options.signal.aborted) {
      const known = this.#mark.length;
      const read = await readAt(file, this.#position - known, known + CHUNK_BYTES);
      if (!read.subarray(0, known).equals(this.#mark)) return false;
      const chunk = read.subarray(known);
      if (chunk.length === 0) break;
      this.#position += chunk.length;
      this.#mark = nextMark(this.#mark, chunk);
      const lines = [...this.#lines.push(chunk)].map((line) => line.toString('utf8'));
      if (lines.length > 0) await this.#options.onLines(lines);
    }
    return true;
  }

  async #wasReplaced(file: FileHandle): Promise<boolean> {
    const now = await openIfThere(this.#options.path);
    if (!now) return false;
    try {
      const [own, other] = await Promise.all([file.stat(), now.stat()]);
      return own.ino !== other.ino || own.dev !== other.dev;
    } finally {
      await now.close();
    }
  }

  async #beginAnew(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#restart();
    await this.catchUp();
  }

  #restart(): void {
    this.#position = 0;
    this.#mark = Buffer.alloc(0);
    this.#lines = new LineSplitter(MAX_LINE_BYTES);
  }
}

/** Tells that something in a folder has changed, or that it is time to look. */
class Changes {
  readonly #signal: AbortSignal;
  #wake: () => void = () => {};
  #changed = false;

  constructor(folder: string, signal: AbortSignal) {
    this.#signal = signal;
    // Without the file system's help (too many watches, a network drive) the poll is what is left.
    try {
      watch(folder, { signal }, () => this.#onChange()).on('error', () => {});
    } catch {}
  }

  async next(): Promise<void> {
    if (!this.#changed) {
      const ended = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const signal = AbortSignal.any([this.#signal, ended.signal]);
      await Promise.race([woken, delay(POLL_MS, undefined, { signal }).catch(() => {})]);
      ended.abort();
    }
    this.#changed = false;
  }

  #onChange(): void {
    this.#changed = true;
    this.#wake();
  }
}
