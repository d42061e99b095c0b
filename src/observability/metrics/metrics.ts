import type { Registry } from 'prom-client';
import { memoryLimit } from '../system-memory.ts';
import { compare } from './compare.ts';
import type { Comparison, Limits } from './comparison.ts';
import { createRegistry } from './prometheus.ts';
import { type MetricsReport, report } from './report.ts';
import {
  createResourceSampler,
  type ProcessShare,
  type ResourceSample,
  type ResourceSampler,
} from './resources.ts';
import { type Snapshot, Windows } from './windows.ts';

/**
 * Measured from the first call: what each tool's calls took and how many failed, in windows of ten seconds, of which
 * the last five minutes are kept. Frozen, they are the baseline; "now" are the windows since the version began to serve.
 */

export interface Metrics {
  /** On the path of every request: about 0.1 µs. */
  recordCall(tool: string, latencyUs: number, ok: boolean): void;
  /** A version begins to serve: what was measured before it no longer counts as now. */
  beginVersion(version: string): void;
  /** Keeps what is now as the baseline. Plain data: store it, and give it to `restoreBaseline` after a restart. */
  freezeBaseline(version?: string): Snapshot;
  restoreBaseline(baseline: Snapshot | undefined): void;
  readonly baseline: Snapshot | undefined;
  now(): Snapshot;
  /** Undefined without a baseline. */
  compare(): Comparison | undefined;
  /** What `erlmcpctl metrics` shows. `version`: the one that serves, if not the one that was begun. */
  report(version?: string): MetricsReport;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly registry: Registry;
  /** What host and runners used in the last window. */
  resources(): ResourceSample | undefined;
  /** What each process uses now; one that has ended is left out. */
  processes(): Promise<ReadonlyMap<number, ProcessShare>>;
  /** Ends the open window; a timer does so every `windowMs`. */
  closeWindow(): Promise<void>;
  close(): void;
}

export interface MetricsOptions {
  /** The version that serves at first; `beginVersion` changes it. */
  version?: string;
  limits?: Partial<Limits>;
  /** Host and runners at present; default this process alone. */
  pids?: () => readonly number[];
  /** Default 10,000. */
  windowMs?: number;
  /** Default 30: the five minutes of the runbook. */
  windows?: number;
  /** Tools beyond so many share the row `(other)`; default 200. */
  maxTools?: number;
  /** Milliseconds since 1970. */
  clock?: () => number;
  sampler?: ResourceSampler;
  /** A sample of the processes failed. */
  onProblem?: (error: unknown) => void;
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const limits: Limits = { cpuPercent: 80, memoryBytes: 0.9 * memoryLimit(), ...options.limits };
  const { windowMs = 10_000, clock = Date.now, onProblem = () => {} } = options;
  const windows = new Windows({ size: options.windows ?? 30, maxTools: options.maxTools ?? 200, now: clock });
  const sampler = options.sampler ?? createResourceSampler({ pids: options.pids ?? (() => [process.pid]) });
  let version = options.version ?? '';
  let baseline: Snapshot | undefined;

  const closeWindow = async (): Promise<void> => {
    const attach = windows.close();
    try {
      attach(await sampler.sample());
    } catch (error) {
      onProblem(error);
    }
  };
  const timer = setInterval(() => void closeWindow(), windowMs).unref();
  const now = (): Snapshot => windows.snapshot(version);
  const registry = createRegistry({
    counts: () => windows.counts(),
    snapshot: now,
    resources: () => sampler.latest,
  });

  return {
    recordCall: (tool, latencyUs, ok) => windows.record(tool, latencyUs, ok),
    beginVersion: (next) => {
      version = next;
      windows.restart();
    },
    freezeBaseline: (of = version) => {
      baseline = windows.snapshot(of);
      return baseline;
    },
    restoreBaseline: (stored) => {
      baseline = stored;
    },
    get baseline() {
      return baseline;
    },
    now,
    compare: () => baseline && compare(baseline, now(), limits),
    report: (of = version) => report(baseline, windows.snapshot(of), limits),
    text: () => registry.metrics(),
    registry,
    resources: () => sampler.latest,
    processes: () => sampler.processes(),
    closeWindow,
    close: () => {
      clearInterval(timer);
      sampler.close();
    },
  };
}
