import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { formatLine, type LogLevel, type LogRecord } from './line.ts';
import { LogFile } from './log-file.ts';

/** Sends each line to the files that it belongs in, and tells of a problem with them once, on standard error. */

export interface LogStats {
  lines: number;
  /** Lines lost because nothing could be written for longer than the memory set aside for them lasts. */
  dropped: number;
  failures: number;
  /** Why a file can't be written at present. */
  problem: string | undefined;
}

export interface LogsOptions {
  dir: string;
  /** Default `info`. */
  level?: LogLevel;
  /** Size in bytes at which a file is rotated; default 10 MiB. */
  maxBytes?: number;
  /** Rotated files kept per log; default 5. */
  files?: number;
  /** Quiet time around a rotation in ms, longer than the second at which `tail -f` polls; default 1,100. */
  settleMs?: number;
  /** Also gets every line of `erlmcp.log`: the terminal of a node in the foreground. */
  echo?: (line: string) => void;
  /** Where a problem with the log itself is told, once per problem; default standard error. */
  notice?: (text: string) => void;
}

/** Errors are written synchronously, but not oftener than this: a flood of them must not stop the host. */
const SYNC_EVERY_MS = 100;

const FILES = ['erlmcp.log', 'upgrade.log', 'error.log', 'console.log'] as const;
export type FileName = (typeof FILES)[number];

export class LogFiles {
  readonly #files: Readonly<Record<FileName, LogFile>>;
  readonly #options: LogsOptions;
  #lines = 0;
  #failures = 0;
  #lastSync = 0;
  readonly #problems = new Map<FileName, string>();

  constructor(options: LogsOptions) {
    this.#options = options;
    this.#files = Object.fromEntries(FILES.map((name) => [name, this.#openFile(name)])) as Record<
      FileName,
      LogFile
    >;
  }

  append(name: FileName, line: string): void {
    this.#files[name].append(line);
  }

  stats(): LogStats {
    const all = Object.values(this.#files).map((file) => file.stats);
    return {
      lines: this.#lines,
      dropped: sum(all.map((each) => each.dropped)),
      failures: this.#failures + sum(all.map((each) => each.failures)),
      problem: all.some((each) => each.failing) ? [...this.#problems.values()].join('; ') : undefined,
    };
  }

  countFailure(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#tell(`a log line could not be made: ${messageOf(error)}`);
  }

  async flush(): Promise<void> {
    await Promise.all(Object.values(this.#files).map((file) => file.flush()));
  }

  flushSync(lastChance: boolean): void {
    for (const file of Object.values(this.#files)) file.flushSync(lastChance);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#files).map((file) => file.close()));
  }

  write(record: LogRecord): void {
    const line = formatLine(record);
    this.#lines += 1;
    this.append('erlmcp.log', line);
    if (record.component === 'upgrade') this.append('upgrade.log', line);
    if (record.level === 'error') this.append('error.log', line);
    this.#options.echo?.(line);
    if (record.level === 'error' && Date.now() - this.#lastSync >= SYNC_EVERY_MS) {
      this.flushSync(false);
      this.#lastSync = Date.now();
    }
  }

  #openFile(name: FileName): LogFile {
    const { dir, maxBytes = 10 * 1024 * 1024, files = 5, settleMs = 1_100 } = this.#options;
    const path = join(dir, name);
    return new LogFile({
      path,
      maxBytes,
      files,
      settleMs,
      onProblem: (error) => {
        const known = this.#problems.size > 0;
        this.#problems.set(name, `${name}: ${messageOf(error)}`);
        if (known) return;
        this.#tell(
          `${path} can't be written (${messageOf(error)}). The node goes on; free the disk or mend the folder.`,
        );
      },
      onRecovered: (dropped) => {
        this.#problems.delete(name);
        this.write({
          time: Date.now(),
          level: 'warn',
          message: `Log ${name} can be written again`,
          component: 'log',
          fields: { dropped },
        });
      },
    });
  }

  #tell(text: string): void {
    const { notice = writeNotice } = this.#options;
    notice(`erlmcp: ${text}\n`);
  }
}

function writeNotice(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Standard error may be gone; the counters still tell.
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
