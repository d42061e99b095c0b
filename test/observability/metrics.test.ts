import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { MetricsResult } from '../../src/control/metrics.ts';
import {
  createMetrics,
  type Metrics,
  type MetricsOptions,
  type ResourceSample,
} from '../../src/observability/metrics/index.ts';

const LIMITS = { cpuPercent: 80, memoryBytes: 1_000_000_000 };
const CALM: ResourceSample = { cpuPercent: 20, memoryBytes: 100_000_000, lagMs: 1 };

let open: Metrics[] = [];
afterEach(() => {
  for (const metrics of open) metrics.close();
  open = [];
});

/** A clock and a sampler that are played, and windows that close when told. */
function play(options: Partial<MetricsOptions> = {}) {
  const played = { time: Date.parse('2026-11-24T07:00:00Z'), sample: CALM };
  const sampler = {
    sample: async () => played.sample,
    processes: async () => new Map(),
    latest: CALM,
    close: () => {},
  };
  const metrics = createMetrics({
    version: '2.1.0',
    limits: LIMITS,
    windowMs: 3_600_000,
    clock: () => played.time,
    sampler,
    ...options,
  });
  open.push(metrics);
  const closeWindow = async (): Promise<void> => {
    played.time += 10_000;
    await metrics.closeWindow();
  };
  return { metrics, played, closeWindow };
}

/** Deterministic noise of about a tenth, different for each call. */
const noisy = (us: number, index: number): number => us * (1 + 0.2 * (((index * 7919) % 101) / 101 - 0.5));

interface Load {
  windows: number;
  calls?: number;
  us?: number;
  failing?: number;
  tool?: string;
}

async function load(
  { metrics, closeWindow }: ReturnType<typeof play>,
  { windows, calls = 200, us = 5_000, failing = 0, tool = 'note_add' }: Load,
) {
  for (let window = 0; window < windows; window++) {
    for (let call = 0; call < calls; call++) {
      metrics.recordCall(tool, noisy(us, window * 31 + call), call >= failing);
    }
    await closeWindow();
  }
}

async function verdict(before: Load, after: Load) {
  const node = play();
  await load(node, before);
  node.metrics.freezeBaseline();
  node.metrics.beginVersion('3.0.0');
  await load(node, after);
  return node.metrics.compare()!;
}

describe('what is measured', () => {
  test('calls, errors and latency of each tool, from the first call', () => {
    const { metrics, played } = play();
    for (let us = 1; us <= 1_000; us++) metrics.recordCall('note_add', us * 1_000, us <= 990);
    metrics.recordCall('note_get', 500, true);
    played.time += 4_000;
    const { tools, total } = metrics.now();
    expect(tools.note_add).toMatchObject({ calls: 1_000, errors: 10, rate: 250 });
    expect(tools.note_add!.p50Us! / 500_000).toBeCloseTo(1, 1.5);
    expect(tools.note_add!.p99Us! / 990_000).toBeCloseTo(1, 1.5);
    expect(tools.note_get).toMatchObject({ calls: 1, errors: 0 });
    expect(total).toMatchObject({ calls: 1_001, errors: 10 });
  });

  test('percentiles are within 1 % over the whole range, and a broken clock does no harm', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000_000 }), (us) => {
        const { metrics } = play();
        metrics.recordCall('t', us, true);
        expect(Math.abs(metrics.now().tools.t!.p50Us! / us - 1)).toBeLessThanOrEqual(0.01);
      }),
      { numRuns: 200 },
    );
    const { metrics } = play();
    for (const us of [Number.NaN, -5, 0, 1e15, Number.POSITIVE_INFINITY, 0.3])
      metrics.recordCall('t', us, true);
    expect(metrics.now().tools.t!.calls).toBe(6);
    expect(metrics.now().tools.t!.p99Us).toBeGreaterThan(590_000_000);
  });

  test('the last windows only: the sums are those of the ring', async () => {
    const node = play({ windows: 3 });
    await load(node, { windows: 5, calls: 10, us: 900_000 });
    await load(node, { windows: 3, calls: 10, us: 1_000 });
    const { tools, from, to } = node.metrics.now();
    expect(tools.note_add).toMatchObject({ calls: 30, rate: 1 });
    expect(tools.note_add!.p99Us).toBeLessThan(2_000);
    expect(to - from).toBe(30_000);
    await load(node, { windows: 3, calls: 1, tool: 'other' });
    expect(Object.keys(node.metrics.now().tools)).toEqual(['other']);
  });

  test('names that never succeed share a row, and so do those beyond the limit', async () => {
    const { metrics } = play({ maxTools: 3 });
    for (let index = 0; index < 1_000; index++) metrics.recordCall(`made up ${index}`, 1, false);
    for (const tool of ['a', 'b', 'c', 'd']) metrics.recordCall(tool, 1, true);
    metrics.recordCall('a', 1, false);
    const { tools } = metrics.now();
    expect(Object.keys(tools).sort()).toEqual(['(other)', 'a', 'b', 'c']);
    expect(tools['(other)']!.calls).toBe(1_001);
    expect(tools.a).toMatchObject({ calls: 2, errors: 1 });
  });

  test('a version that begins starts from nothing, the counts for Prometheus do not', async () => {
    const node = play();
    await load(node, { windows: 2, calls: 5 });
    node.metrics.recordCall('note_add', 5, true);
    node.metrics.beginVersion('3.0.0');
    expect(node.metrics.now()).toMatchObject({ version: '3.0.0', total: { calls: 0 } });
    node.metrics.recordCall('note_add', 5, false);
    const text = await node.metrics.text();
    expect(text).toContain('erlmcp_tool_calls_total{tool="note_add"} 12');
    expect(text).toContain('erlmcp_tool_errors_total{tool="note_add"} 1');
  });

  test('the baseline is plain data that survives a restart', async () => {
    const node = play();
    await load(node, { windows: 10 });
    const stored = JSON.stringify(node.metrics.freezeBaseline('2.1.0'));
    const next = play();
    next.metrics.restoreBaseline(JSON.parse(stored));
    await load(next, { windows: 10 });
    expect(next.metrics.compare()!.row).toBe('monitor');
  });

  test('the open window ends by itself', async () => {
    const metrics = createMetrics({ windowMs: 20 });
    open.push(metrics);
    metrics.recordCall('t', 5, true);
    const deadline = Date.now() + 20_000;
    while (metrics.now().resources.length < 2) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(metrics.resources()!.memoryBytes).toBeGreaterThan(1_000_000);
  });
});

describe('verdicts', () => {
  test('Degradation < 10%: monitor', async () => {
    expect((await verdict({ windows: 30 }, { windows: 10 })).row).toBe('monitor');
    expect((await verdict({ windows: 30 }, { windows: 10, us: 5_300 })).row).toBe('monitor');
    expect((await verdict({ windows: 30 }, { windows: 10, us: 1_000 })).row).toBe('monitor');
  });

  test('Degradation 10-50%: investigate', async () => {
    const { row, reason, tools } = await verdict({ windows: 30 }, { windows: 10, us: 6_500 });
    expect(row).toBe('investigate');
    expect(reason).toMatch(/note_add p50 5\.0\d -> 6\.\d\d ms \(\+\d\d\.\d %, p = /);
    expect(tools.note_add!.p50Us.changePercent).toBeGreaterThan(25);
    expect(tools.note_add!.p50Us.changePercent).toBeLessThan(35);
  });

  test('Degradation > 50%, and latency > 2 x: immediate rollback', async () => {
    expect((await verdict({ windows: 30 }, { windows: 10, us: 8_500 })).row).toBe('immediate_rollback');
    expect((await verdict({ windows: 30 }, { windows: 10, us: 11_000 })).row).toBe('immediate_rollback');
  });

  test('too few samples: not enough data, whatever they look like', async () => {
    for (const [before, after] of [
      [{ windows: 30 }, { windows: 3, us: 50_000 }],
      [{ windows: 3 }, { windows: 30, us: 50_000 }],
      [
        { windows: 30, calls: 2 },
        { windows: 30, calls: 2, us: 50_000 },
      ],
    ] as const) {
      const { row, reason } = await verdict(before, after);
      expect(row).toBe('not_enough_data');
      expect(reason).toMatch(/the baseline has \d+ calls in \d+ windows, now has \d+ calls/);
    }
  });

  test('noise alone is no degradation, however large', () => {
    const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    return fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = generator(seed);
        const node = play();
        const wild = async (windows: number) => {
          for (let window = 0; window < windows; window++) {
            const busy = 0.5 + 2 * random();
            for (let call = 0; call < 120; call++)
              node.metrics.recordCall('t', 3_000 * busy * (0.2 - Math.log(random())), true);
            await node.closeWindow();
          }
        };
        await wild(20);
        node.metrics.freezeBaseline();
        node.metrics.beginVersion('3.0.0');
        await wild(12);
        expect(node.metrics.compare()!.row).not.toBe('immediate_rollback');
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('a change that nobody feels is no reason to roll back', async () => {
    expect((await verdict({ windows: 30, us: 300 }, { windows: 10, us: 900 })).row).toBe('investigate');
    expect((await verdict({ windows: 30, us: 30 }, { windows: 10, us: 90 })).row).toBe('monitor');
  });

  test('a version that only fails is found out in the first window', async () => {
    const { row, reason } = await verdict({ windows: 30 }, { windows: 1, calls: 40, failing: 40 });
    expect(row).toBe('immediate_rollback');
    expect(reason).toContain('all calls errors 0.00 -> 100.00 % (baseline 0, p = ');
  });

  test('an error rate that was there before is none', async () => {
    expect((await verdict({ windows: 30, failing: 10 }, { windows: 10, failing: 10 })).row).toBe('monitor');
    expect((await verdict({ windows: 30, failing: 4 }, { windows: 10, failing: 40 })).row).toBe(
      'immediate_rollback',
    );
  });

  test('one tool among many that gets slow is found', async () => {
    const node = play();
    const mixed = async (windows: number, slow: number) => {
      for (let window = 0; window < windows; window++) {
        for (let call = 0; call < 300; call++) {
          node.metrics.recordCall(
            `tool_${call % 3}`,
            noisy(call % 3 === 1 ? slow : 5_000, call + window),
            true,
          );
        }
        await node.closeWindow();
      }
    };
    await mixed(30, 5_000);
    node.metrics.freezeBaseline();
    node.metrics.beginVersion('3.0.0');
    await mixed(10, 20_000);
    const { row, tools } = node.metrics.compare()!;
    expect(row).toBe('immediate_rollback');
    expect(tools.tool_1!.row).toBe('immediate_rollback');
    expect(tools.tool_0!.row).toBe('monitor');
  });

  test('clients that turn to a slower tool are no degradation', async () => {
    const node = play();
    const both = async (windows: number, fast: number, slow: number) => {
      for (let window = 0; window < windows; window++) {
        for (let call = 0; call < fast; call++)
          node.metrics.recordCall('fast', noisy(2_000, call + window), true);
        for (let call = 0; call < slow; call++)
          node.metrics.recordCall('slow', noisy(90_000, call + window), true);
        await node.closeWindow();
      }
    };
    await both(30, 190, 10);
    node.metrics.freezeBaseline();
    node.metrics.beginVersion('3.0.0');
    await both(10, 20, 180);
    const { total, tools } = node.metrics.compare()!;
    expect(total.p50Us.row).toBe('not_enough_data');
    expect(tools.slow!.p50Us.row).not.toBe('immediate_rollback');
    expect(node.metrics.compare()!.row).not.toBe('immediate_rollback');
  });

  test('fewer calls ask to look, and are no reason to roll back', async () => {
    expect((await verdict({ windows: 30, calls: 400 }, { windows: 10, calls: 120 })).row).toBe('investigate');
  });

  test('CPU and memory count at their limit, and through our own growth', async () => {
    const used = async (before: Partial<ResourceSample>, after: Partial<ResourceSample>) => {
      const node = play();
      node.played.sample = { ...CALM, ...before };
      await load(node, { windows: 30 });
      node.metrics.freezeBaseline();
      node.metrics.beginVersion('3.0.0');
      node.played.sample = { ...CALM, ...after };
      await load(node, { windows: 10 });
      return node.metrics.compare()!;
    };
    expect((await used({}, {})).row).toBe('monitor');
    expect((await used({ cpuPercent: 5 }, { cpuPercent: 15 })).row).toBe('monitor');
    expect((await used({ cpuPercent: 20 }, { cpuPercent: 60 })).row).toBe('investigate');
    const hot = await used({ cpuPercent: 20 }, { cpuPercent: 85 });
    expect(hot.row).toBe('immediate_rollback');
    expect(hot.reason).toMatch(/^CPU 20\.00 -> 85\.00 % \(\+325\.0 %, p = /);
    expect((await used({ cpuPercent: 90 }, { cpuPercent: 92 })).row).toBe('monitor');
    expect((await used({}, { memoryBytes: 1_000_000_000 })).row).toBe('immediate_rollback');
    expect((await used({ memoryBytes: 1_000_000_000 }, { memoryBytes: 1_000_000_000 })).row).toBe('monitor');
    expect((await used({}, { lagMs: 80 })).row).toBe('immediate_rollback');
    expect((await used({}, { lagMs: 5 })).row).toBe('monitor');
  });
});

describe('the report', () => {
  test('has the keys of the control API, with and without a baseline', async () => {
    const node = play();
    const bare = node.metrics.report();
    expect(MetricsResult.parse(bare).verdict.row).toBe('no_baseline');
    await load(node, { windows: 10 });
    node.metrics.freezeBaseline();
    node.metrics.beginVersion('3.0.0');
    await load(node, { windows: 10, us: 8_500, failing: 2 });
    node.metrics.recordCall('note_search', 700, true);
    const { baseline, now, tools, verdict: found } = MetricsResult.parse(node.metrics.report());
    expect(baseline).toEqual({ version: '2.1.0', frozen_at: '2026-11-24T07:01:40.000Z', window_s: 100 });
    expect(now).toEqual({ version: '3.0.0', since: '2026-11-24T07:01:40.000Z', window_s: 100 });
    expect(tools.map(({ tool }) => tool)).toEqual(['note_add', 'note_search']);
    expect(tools[0]).toMatchObject({
      baseline: { calls: 2_000, errors: 0, rate: 20 },
      now: { calls: 2_000, errors: 20, rate: 20 },
      change: { rate_pct: 0, errors_pct: null },
      verdict: 'immediate_rollback',
    });
    expect(tools[1]).toMatchObject({
      baseline: null,
      change: null,
      verdict: 'not_enough_data',
      now: { calls: 1 },
    });
    expect(found.row).toBe('immediate_rollback');
  });

  test('the text for Prometheus survives hostile names', async () => {
    const { metrics } = play();
    metrics.recordCall('a"} 1\nevil{x="', 5_000, true);
    const text = await metrics.text();
    expect(text).toContain('erlmcp_tool_calls_total{tool="a\\"} 1\\nevil{x=\\""} 1');
    expect(text).toMatch(/^erlmcp_tool_latency_seconds\{tool=.*quantile="0\.99"\} 0\.0050/m);
    expect(text).toContain('erlmcp_cpu_percent 20');
    expect(text).toContain('erlmcp_anonymous_memory_bytes 100000000');
    expect(text).toContain('erlmcp_event_loop_lag_seconds 0.001');
    expect(text).toContain('process_cpu_seconds_total');
  });
});

/** mulberry32: a small generator, so that a failing case can be played again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
