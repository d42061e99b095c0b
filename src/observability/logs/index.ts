export { escapeText, formatLine, type LogFields, type LogLevel } from './line.ts';
export type { LogStats, LogsOptions } from './log-files.ts';
export { type Log, type Logs, openLogs } from './logs.ts';
