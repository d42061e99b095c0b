import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';

/**
 * What the node's processes used since the last sample. Memory is anonymous memory: pages of the tables' memory map belong to
 * the page cache, and are no leak. `RssAnon` of /proc/<pid>/status is read rather than smaps_rollup, which walks
 * the page tables of the whole map and holds the process's memory lock meanwhile.
 */

export interface ResourceSample {
  /** Share of all the processors that this machine gives us, 0 to 100; null for the first sample. */
  cpuPercent: number | null;
  /** Bytes. */
  memoryBytes: number;
  /** 99th percentile of the host's event-loop lag, in ms. */
  lagMs: number;
}

export interface ProcessUsage {
  cpuMs: number;
  memoryBytes: number;
}

export type ReadUsage = (pids: readonly number[]) => Promise<ReadonlyMap<number, ProcessUsage>>;

export interface ResourceSamplerOptions {
  /** Host and runners at present. */
  pids: () => readonly number[];
  readUsage?: ReadUsage;
  /** Milliseconds, monotonic. */
  now?: () => number;
}

/** One process, measured now. */
export interface ProcessShare {
  /** Of one processor, over the last seconds; null for one that was not there before. */
  cpuPercent: number | null;
  /** Bytes. */
  memoryBytes: number;
}

export interface ResourceSampler {
  sample(): Promise<ResourceSample>;
  /** What each process uses at present; it leaves the samples as they are. */
  processes(): Promise<ReadonlyMap<number, ProcessShare>>;
  /** The last sample taken. */
  readonly latest: ResourceSample | undefined;
  close(): void;
}

/** How often the event loop is looked at, in ms. */
const LAG_RESOLUTION_MS = 20;
/** Unit of the times in /proc/<pid>/stat: Linux fixes it at 100 per second for user space. */
const MS_PER_TICK = 10;
const PS_DEADLINE_MS = 2_000;
/** A share of a processor over less than this is noise. */
const MIN_SPAN_MS = 1_000;

export function createResourceSampler(options: ResourceSamplerOptions): ResourceSampler {
  const {
    pids,
    readUsage = process.platform === 'linux' ? readProc : readPs,
    now = () => performance.now(),
  } = options;
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  let before: Look | undefined;
  let latest: ResourceSample | undefined;
  const looks = new Looks();
  const look = async (): Promise<Look> => {
    const usage = await readUsage(pids());
    return { at: now(), usage };
  };

  return {
    async processes() {
      const { at, usage } = await look();
      return looks.take({ at, usage });
    },
    async sample() {
      const { at, usage } = await look();
      looks.take({ at, usage });
      const lagMs = takeLag(delay);
      latest = {
        cpuPercent: before ? cpuPercent(before.usage, usage, at - before.at) : null,
        memoryBytes: [...usage.values()].reduce((total, { memoryBytes }) => total + memoryBytes, 0),
        lagMs,
      };
      before = { at, usage };
      return latest;
    },
    get latest() {
      return latest;
    },
    close: () => delay.disable(),
  };
}

interface Look {
  at: number;
  usage: ReadonlyMap<number, ProcessUsage>;
}

/** The last looks at the processes: as few as give each new one something to be compared with. */
class Looks {
  #kept: Look[] = [];

  take(look: Look): ReadonlyMap<number, ProcessShare> {
    const old = this.#kept.findLastIndex(({ at }) => look.at - at >= MIN_SPAN_MS);
    if (old > 0) this.#kept.splice(0, old);
    const before = old < 0 ? undefined : this.#kept[0];
    this.#kept.push(look);
    return new Map([...look.usage].map(([pid, usage]) => [pid, shareOf(pid, usage, look.at, before)]));
  }
}

function shareOf(
  pid: number,
  { cpuMs, memoryBytes }: ProcessUsage,
  at: number,
  look: Look | undefined,
): ProcessShare {
  const before = look?.usage.get(pid);
  if (look === undefined || before === undefined) return { cpuPercent: null, memoryBytes };
  return { cpuPercent: Math.max(0, (100 * (cpuMs - before.cpuMs)) / (at - look.at)), memoryBytes };
}

function cpuPercent(
  before: ReadonlyMap<number, ProcessUsage>,
  after: ReadonlyMap<number, ProcessUsage>,
  elapsedMs: number,
): number {
  if (elapsedMs <= 0) return 0;
  // A process that is new counts from its start; what an ended one used last is not known.
  const used = [...after].reduce(
    (total, [pid, { cpuMs }]) => total + Math.max(0, cpuMs - (before.get(pid)?.cpuMs ?? 0)),
    0,
  );
  return Math.min(100, (100 * used) / (elapsedMs * availableParallelism()));
}

/** Node measures the time between two looks, which without any lag is the time between them. */
function takeLag(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  const lagMs = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - LAG_RESOLUTION_MS;
  delay.reset();
  return Math.max(0, lagMs);
}

/** Linux. A process that has ended is left out. */
export async function readProc(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usage = new Map<number, ProcessUsage>();
  for (const pid of pids) {
    try {
      usage.set(pid, { cpuMs: procCpuMs(pid), memoryBytes: procAnonymousBytes(pid) });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    }
  }
  return usage;
}

function procCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in parentheses, may hold spaces; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function procAnonymousBytes(pid: number): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Elsewhere (macOS): resident memory of other processes, which includes mapped pages, and our own as V8 counts it. */
export async function readPs(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usage = new Map<number, ProcessUsage>();
  if (pids.length === 0) return usage;
  const args = ['-o', 'pid=,rss=,time=', '-p', pids.join(',')];
  const { stdout } = await promisify(execFile)('ps', args, { timeout: PS_DEADLINE_MS }).catch(onlyOutput);
  for (const line of stdout.trim().split('\n')) {
    const [pid, rss, time] = line.trim().split(/\s+/);
    if (time !== undefined)
      usage.set(Number(pid), { cpuMs: parsePsTime(time), memoryBytes: Number(rss) * 1024 });
  }
  const own = usage.get(process.pid);
  if (own) usage.set(process.pid, ownUsage());
  return usage;
}

/** ps fails when one of the processes has ended, and still lists the others. */
function onlyOutput(error: unknown): { stdout: string } {
  const { stdout } = error as { stdout?: string };
  if (typeof stdout !== 'string') throw error;
  return { stdout };
}

function ownUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const { heapTotal, external } = process.memoryUsage();
  return { cpuMs: (user + system) / 1000, memoryBytes: heapTotal + external };
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in ms. */
export function parsePsTime(time: string): number {
  const [days, clock] = time.includes('-') ? (time.split('-') as [string, string]) : ['0', time];
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
