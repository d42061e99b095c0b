import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeSync,
  write as writeWithCallback,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { finishRotation, prepareRotation } from './rotation.ts';

/**
 * A bounded log file with one writer, this process. `append` only queues; a timer writes batches on the thread pool, so that
 * a disk that stalls does not stall the caller. Lines leave in the order in which they were appended, and the
 * file keeps its inode over rotations. Nothing here throws into a caller: failures are counted and reported once.
 */

const write = promisify(writeWithCallback);

/** Lines wait this long at most, so that many go out in one write. */
const BATCH_MS = 20;
/** A failed write is tried again after this. */
const RETRY_MS = 1_000;
/** A failed rotation is tried again after this. */
const ROTATE_RETRY_MS = 60_000;
/** How long the truncation may be put off by lines that are written synchronously. */
const MAX_SETTLE_MS = 5_000;
/** A synchronous flush waits this long for a batch that the thread pool is writing, to keep the order. */
const IN_FLIGHT_MS = 50;
/** Lines held in memory at most; those beyond are dropped and counted. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024;
/** With more than this in memory a rotation no longer waits for readers. */
const MAX_HELD_BYTES = 1024 * 1024;
/** Without a successful rotation a file is cut off at this many times its limit. */
const HARD_LIMIT = 4;

export interface LogFileOptions {
  path: string;
  maxBytes: number;
  /** Rotated files kept beside it: `.1` (newest) to `.<files>`. */
  files: number;
  /** Quiet time before and after the truncation, in which a reader such as `tail -f` catches up. */
  settleMs: number;
  onProblem(error: unknown): void;
  /** Writing works again, or keeps up again; `dropped` lines were lost in between. */
  onRecovered(dropped: number): void;
}

export interface LogFileStats {
  dropped: number;
  failures: number;
  failing: boolean;
}

export class LogFile {
  readonly #options: LogFileOptions;
  #fd: number | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Size that the file has once the batch on the thread pool has been written. */
  #expectedSize: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pump: Promise<void> | undefined;
  #wakeHold: (() => void) | undefined;
  #lastWrite = 0;
  #retryAt = 0;
  #rotateAfter = 0;
  #closed = false;
  #failing = false;
  #failures = 0;
  #dropped = 0;
  #droppedInEpisode = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#create();
  }

  get stats(): LogFileStats {
    return { dropped: this.#dropped, failures: this.#failures, failing: this.#failing };
  }

  append(line: string): void {
    if (this.#closed) return;
    const bytes = Buffer.from(line);
    if (this.#pendingBytes + bytes.length > MAX_PENDING_BYTES) {
      this.#drop();
      return;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > MAX_HELD_BYTES) this.#wakeHold?.();
    this.#schedule();
  }

  /** Resolves when the lines appended so far are written, or were tried and failed. */
  async flush(): Promise<void> {
    while (this.#pending.length > 0 || this.#pump !== undefined) {
      await this.#startPump();
      if (this.#failing) return;
    }
  }

  /** Writes what is queued before it returns: for errors and for the end of the process. */
  flushSync(lastChance = false): void {
    if (this.#pending.length === 0 && this.#expectedSize === undefined) return;
    if (this.#failing && !lastChance && Date.now() < this.#retryAt) return;
    let batch = Buffer.alloc(0);
    try {
      // The pump may be using the descriptor, which must not be exchanged under it.
      const fd = (this.#pump && this.#fd) ?? this.#open().fd;
      this.#awaitInFlight(fd);
      batch = this.#takePending();
      while (batch.length > 0) batch = batch.subarray(writeSync(fd, batch));
      this.#succeeded();
    } catch (error) {
      this.#failed(error, batch);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wakeHold?.();
    await this.#pump;
    this.flushSync(true);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#pump !== undefined) return;
    const wait = Math.max(BATCH_MS, this.#retryAt - Date.now());
    this.#timer = setTimeout(() => void this.#startPump(), wait).unref();
  }

  #startPump(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pump ??= this.#drain().finally(() => {
      this.#pump = undefined;
      if ((this.#pending.length > 0 || this.#failing) && !this.#closed) this.#schedule();
    });
    return this.#pump;
  }

  async #drain(): Promise<void> {
    let batch = Buffer.alloc(0);
    try {
      if (this.#failing && this.#pending.length === 0) this.#tryAgain();
      while (this.#pending.length > 0) {
        const { fd, size } = this.#open();
        batch = this.#takePending();
        this.#expectedSize = size + batch.length;
        while (batch.length > 0) batch = batch.subarray((await write(fd, batch)).bytesWritten);
        this.#expectedSize = undefined;
        this.#succeeded();
        if (fstatSync(fd).size >= this.#options.maxBytes) await this.#rotate(fd);
      }
    } catch (error) {
      this.#expectedSize = undefined;
      this.#failed(error, batch);
    }
  }

  /** The file is there from the start, so that `tail -f` can follow it before it has a line. */
  #create(): void {
    try {
      this.#open();
    } catch (error) {
      this.#failed(error, Buffer.alloc(0));
    }
  }

  #tryAgain(): void {
    this.#open();
    this.#succeeded();
  }

  /** Opens the file on first use, and again when somebody has removed it. */
  #open(): { fd: number; size: number } {
    if (this.#fd !== undefined) {
      const { nlink, size } = fstatSync(this.#fd);
      if (nlink > 0) return { fd: this.#fd, size };
      closeSync(this.#fd);
      this.#fd = undefined;
    }
    mkdirSync(dirname(this.#options.path), { recursive: true });
    this.#fd = openSync(this.#options.path, 'a+', 0o640);
    return { fd: this.#fd, size: fstatSync(this.#fd).size };
  }

  #takePending(): Buffer<ArrayBuffer> {
    const batch = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }

  /** There is one writer, so the file's size tells whether the batch on the thread pool has landed. */
  #awaitInFlight(fd: number): void {
    if (this.#expectedSize === undefined) return;
    const deadline = Date.now() + IN_FLIGHT_MS;
    while (fstatSync(fd).size < this.#expectedSize && Date.now() < deadline) pauseThread(1);
  }

  /** Copies to `.1` and truncates in place. Lines queue up meanwhile; a synchronous flush may still append. */
  async #rotate(fd: number): Promise<void> {
    const { path, files, maxBytes } = this.#options;
    if (this.#closed || Date.now() < this.#rotateAfter) return;
    try {
      const copied = await prepareRotation(path, files);
      await this.#settle();
      finishRotation(fd, path, copied);
      await this.#hold(this.#options.settleMs);
    } catch (error) {
      this.#rotateAfter = Date.now() + ROTATE_RETRY_MS;
      this.#report(error);
      if (fstatSync(fd).size > HARD_LIMIT * maxBytes) ftruncateSync(fd, 0);
    }
  }

  /** Returns once no line has been written for `settleMs`. */
  async #settle(): Promise<void> {
    const deadline = Date.now() + MAX_SETTLE_MS;
    for (;;) {
      const quietAt = Math.min(this.#lastWrite + this.#options.settleMs, deadline);
      if (this.#closed || this.#pendingBytes > MAX_HELD_BYTES || quietAt <= Date.now()) return;
      await this.#hold(quietAt - Date.now());
    }
  }

  #hold(ms: number): Promise<void> {
    if (this.#closed || this.#pendingBytes > MAX_HELD_BYTES) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wakeHold?.(), ms).unref();
      this.#wakeHold = () => {
        clearTimeout(timer);
        this.#wakeHold = undefined;
        resolve();
      };
    });
  }

  #drop(): void {
    this.#dropped += 1;
    this.#droppedInEpisode += 1;
  }

  #succeeded(): void {
    this.#lastWrite = Date.now();
    if (!this.#failing && this.#droppedInEpisode === 0) return;
    const dropped = this.#droppedInEpisode;
    this.#failing = false;
    this.#droppedInEpisode = 0;
    this.#options.onRecovered(dropped);
  }

  /** What could not be written goes back to the head of the queue. */
  #failed(error: unknown, rest: Buffer): void {
    if (rest.length > 0) {
      this.#pending.unshift(rest);
      this.#pendingBytes += rest.length;
    }
    this.#retryAt = Date.now() + RETRY_MS;
    const first = !this.#failing;
    this.#failing = true;
    this.#report(error, first);
    if (!this.#closed) this.#schedule();
  }

  #report(error: unknown, tell = true): void {
    this.#failures += 1;
    if (tell) this.#options.onProblem(error);
  }
}

const pauseCell = new Int32Array(new SharedArrayBuffer(4));

function pauseThread(ms: number): void {
  Atomics.wait(pauseCell, 0, 0, ms);
}
