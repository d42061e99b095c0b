import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ResourceSample } from './resources.ts';
import type { Counts, Snapshot } from './windows.ts';

/** The text for `/metrics`. Values are set when somebody asks: nothing is added to the path of a request. */

export interface Measured {
  counts(): ReadonlyMap<string, Counts>;
  snapshot(): Snapshot;
  resources(): ResourceSample | undefined;
}

export function createRegistry(measured: Measured): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countsPerTool(registry, measured);
  latencies(registry, measured);
  resourceGauges(registry, measured);
  return registry;
}

function countsPerTool(registry: Registry, measured: Measured): void {
  const counter = (name: string, help: string, of: (counts: Counts) => number): void => {
    new Counter({
      name,
      help,
      labelNames: ['tool'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [tool, counts] of measured.counts()) this.inc({ tool }, of(counts));
      },
    });
  };
  counter('erlmcp_tool_calls_total', 'Calls answered since the node started.', ({ calls }) => calls);
  counter(
    'erlmcp_tool_errors_total',
    'Calls answered with an error since the node started.',
    ({ errors }) => errors,
  );
}

function latencies(registry: Registry, measured: Measured): void {
  new Gauge({
    name: 'erlmcp_tool_latency_seconds',
    help: 'Latency of the calls of the last minutes.',
    labelNames: ['tool', 'quantile'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [tool, { p50Us, p99Us }] of Object.entries(measured.snapshot().tools)) {
        if (p50Us !== null) this.set({ tool, quantile: '0.5' }, p50Us / 1e6);
        if (p99Us !== null) this.set({ tool, quantile: '0.99' }, p99Us / 1e6);
      }
    },
  });
}

function resourceGauges(registry: Registry, measured: Measured): void {
  const gauge = (name: string, help: string, of: (sample: ResourceSample) => number | null): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const sample = measured.resources();
        const value = sample ? of(sample) : null;
        this.reset();
        if (value !== null) this.set(value);
      },
    });
  };
  gauge(
    'erlmcp_cpu_percent',
    'Processors that host and runners used, of all.',
    ({ cpuPercent }) => cpuPercent,
  );
  gauge(
    'erlmcp_anonymous_memory_bytes',
    'Anonymous memory of host and runners.',
    ({ memoryBytes }) => memoryBytes,
  );
  gauge('erlmcp_event_loop_lag_seconds', 'Event-loop lag of the host (p99).', ({ lagMs }) => lagMs / 1000);
}
