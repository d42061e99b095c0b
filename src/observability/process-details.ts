/**
 * What the kernel says of one process beyond its memory and time: for who asks, not for each sample, since counting open
 * files takes a look at each of them. Null where this system has no /proc, or the process has ended.
 */
import { readdir, readFile } from 'node:fs/promises';

export interface ProcessDetails {
  threads: number | null;
  openFiles: number | null;
  /** Bytes of files that are mapped and in memory: the tables' memory map and the program; shared between processes, and no leak. */
  mappedBytes: number | null;
}

export async function processDetails(pid: number, proc = '/proc'): Promise<ProcessDetails> {
  const [status, files] = await Promise.all([
    readFile(`${proc}/${pid}/status`, 'utf8').catch(() => ''),
    readdir(`${proc}/${pid}/fd`).catch(() => undefined),
  ]);
  const threads = fieldOf(status, 'Threads');
  const mapped = fieldOf(status, 'RssFile');
  const shared = fieldOf(status, 'RssShmem') ?? 0;
  return {
    threads,
    openFiles: files?.length ?? null,
    mappedBytes: mapped === null ? null : (mapped + shared) * 1024,
  };
}

function fieldOf(status: string, name: string): number | null {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1];
  return value === undefined ? null : Number(value);
}

/** Files that this process may have open at a time; null where there is no limit, or none is known. */
export async function openFilesLimit(proc = '/proc'): Promise<number | null> {
  const limits = await readFile(`${proc}/self/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
