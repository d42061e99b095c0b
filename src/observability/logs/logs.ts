import type { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { consoleSink } from './console-sink.ts';
import type { LogFields, LogLevel, LogRecord } from './line.ts';
import { LogFiles, type LogStats, type LogsOptions } from './log-files.ts';

/**
 * The node's log folder. `erlmcp.log` has every line, `upgrade.log` those of the coordinator, `error.log` the errors,
 * `console.log` the raw output of host and runners. One process, the host, writes them. pino decides on levels and
 * serialises; a line is formatted from pino's record.
 */

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** `upgrade` lines also go to `upgrade.log`. The fields stand on every line of the child. */
  child(component: string, fields?: LogFields): Log;
}

export interface Logs extends Log {
  /** Every write returns at once: a flood is dropped and counted, never pushed back. */
  consoleSink(source: string): Writable;
  setLevel(level: LogLevel): void;
  stats(): LogStats;
  /** Lines of level error whose time lies from `from` up to `to`, in ms since 1970; of the last 1,000. */
  errorLines(from: number, to: number): number;
  flush(): Promise<void>;
  flushSync(): void;
  close(): Promise<void>;
}

interface PinoRecord {
  level: number;
  time: number;
  msg: string;
  component: string;
  /** A text where pino could not serialise them. */
  fields: LogFields | string;
}

/** As pino numbers its levels. */
const ERROR = 50;
const KEPT_TIMES = 1_000;

class RecentTimes {
  readonly #times: number[] = [];

  add(time: number): void {
    this.#times.push(time);
    if (this.#times.length > KEPT_TIMES) this.#times.shift();
  }

  count(from: number, to: number): number {
    return this.#times.filter((time) => time >= from && time < to).length;
  }
}

export function openLogs(options: LogsOptions): Logs {
  const files = new LogFiles(options);
  const errors = new RecentTimes();
  const stream = {
    write: (json: string) => {
      const record = JSON.parse(json) as PinoRecord;
      if (record.level >= ERROR) errors.add(record.time);
      files.write(fromPino(record));
    },
  };
  const root = pino({ base: null, level: options.level ?? 'info' }, stream);
  const onExit = (): void => files.flushSync(true);
  process.on('exit', onExit);

  const children = new Map<string, Logger>();
  const loggerOf = (component: string): Logger => {
    const existing = children.get(component);
    if (existing) return existing;
    const created = root.child({ component }, { level: root.level });
    children.set(component, created);
    return created;
  };

  return {
    ...makeLog(loggerOf, 'host', {}, files),
    consoleSink: (source) => consoleSink(source, (line) => files.append('console.log', line)),
    setLevel: (level) => {
      for (const logger of [root, ...children.values()]) logger.level = level;
    },
    stats: () => files.stats(),
    errorLines: (from, to) => errors.count(from, to),
    flush: () => files.flush(),
    flushSync: () => files.flushSync(false),
    close: async () => {
      process.off('exit', onExit);
      await files.close();
    },
  };
}

function makeLog(
  loggerOf: (component: string) => Logger,
  component: string,
  bound: LogFields,
  files: LogFiles,
): Log {
  const logger = loggerOf(component);
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    try {
      if (logger.isLevelEnabled(level)) logger[level]({ fields: readable({ ...bound, ...fields }) }, message);
    } catch (error) {
      files.countFailure(error);
    }
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (name, fields) => makeLog(loggerOf, name, { ...bound, ...fields }, files),
  };
}

/** Errors have no enumerable properties: their stack, causes included, is what an operator needs. */
function readable(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value instanceof Error ? describeError(value) : value]),
  );
}

function describeError(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\nCaused by: ${describeError(error.cause)}` : own;
}

function fromPino({ level, msg, fields, ...record }: PinoRecord): LogRecord {
  return {
    ...record,
    level: pino.levels.labels[level] as LogLevel,
    message: msg,
    fields: typeof fields === 'string' ? { fields } : fields,
  };
}
