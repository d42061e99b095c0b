/** One load generator for every server: wrk where it is installed, else a Node client in a process of its own. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface LoadResult {
  requests: number;
  seconds: number;
  /** Of the responses, heads included. */
  bytes: number;
  /** Connections broken, timed out, or answered with a status over 399. */
  failed: number;
  /** Responses whose body was looked at, and those of them that lacked the expected text. */
  checked: number;
  wrong: number;
  p50Ms: number;
  p99Ms: number;
}

export interface LoadOptions {
  port: number;
  connections: number;
  seconds: number;
  /** File of whole HTTP requests, separated by NUL. */
  requests: string;
  /** Looks for this text in each response's body; costs the generator, so measured runs go without. */
  expected?: string;
}

const run = promisify(execFile);
const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export const GENERATOR = spawnSync('wrk', ['--version']).error ? 'node' : 'wrk';

export async function load({
  port,
  connections,
  seconds,
  requests,
  expected,
}: LoadOptions): Promise<LoadResult> {
  const check = expected === undefined ? [] : [expected];
  const [command, args] =
    GENERATOR === 'wrk'
      ? ['wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', beside('wrk.lua')]]
      : [process.execPath, [beside('node-load.ts'), `${connections}`, `${seconds}`]];
  const all = [...args, `http://127.0.0.1:${port}/mcp`, '--', requests, ...check];
  const { stdout } = await run(command, all, { timeout: (seconds + 30) * 1000, killSignal: 'SIGKILL' });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (!line) throw new Error(`${command} printed no result:\n${stdout}`);
  return JSON.parse(line.slice('RESULT '.length)) as LoadResult;
}
