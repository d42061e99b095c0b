import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createResourceSampler,
  type ProcessUsage,
  parsePsTime,
  readProc,
  readPs,
} from '../../src/observability/metrics/resources.ts';

const ended: ChildProcess[] = [];
afterEach(() => {
  for (const child of ended.splice(0)) child.kill('SIGKILL');
});

/** A process that holds so much memory of its own and keeps one processor busy. */
async function busyProcess(mb: number): Promise<number> {
  const code = `const held = Buffer.alloc(${mb} * 1024 * 1024, 1); process.stdout.write('x'); setInterval(() => { const t = Date.now() + 50; while (Date.now() < t) held[0]++; }, 1)`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  ended.push(child);
  await once(child.stdout!, 'data');
  return child.pid!;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const readers = process.platform === 'linux' ? [readProc, readPs] : [readPs];

describe.each(readers)('%o', (read) => {
  test('memory and processor time of another process; one that has ended is left out', async () => {
    const pid = await busyProcess(150);
    await until(async () => ((await read([pid])).get(pid)?.cpuMs ?? 0) >= 1_000);
    const usage = (await read([pid, process.pid, 2 ** 22 + 1])) as ReadonlyMap<number, ProcessUsage>;
    expect([...usage.keys()].sort()).toEqual([pid, process.pid].sort());
    expect(usage.get(pid)!.memoryBytes).toBeGreaterThan(150 * 1024 * 1024);
    expect(usage.get(pid)!.memoryBytes).toBeLessThan(400 * 1024 * 1024);
    expect(usage.get(process.pid)!.memoryBytes).toBeGreaterThan(5 * 1024 * 1024);
    expect((await read([])).size).toBe(0);
  });
});

test.skipIf(process.platform !== 'linux')('mapped files are no memory of ours', async () => {
  const pid = await busyProcess(1);
  const anonymous = (await readProc([pid])).get(pid)!.memoryBytes;
  const resident = (await readPs([pid])).get(pid)!.memoryBytes;
  expect(anonymous).toBeLessThan(resident);
});

describe('the sampler', () => {
  test('share of all processors since the last sample, over processes that come and go', async () => {
    const processors = availableParallelism();
    let now = 0;
    let usage = new Map<number, ProcessUsage>([[1, { cpuMs: 5_000, memoryBytes: 100 }]]);
    const sampler = createResourceSampler({ pids: () => [], readUsage: async () => usage, now: () => now });
    try {
      expect(await sampler.sample()).toMatchObject({ cpuPercent: null, memoryBytes: 100 });
      now = 1_000;
      usage = new Map([
        [1, { cpuMs: 5_300, memoryBytes: 150 }],
        [2, { cpuMs: 200, memoryBytes: 50 }],
      ]);
      const second = await sampler.sample();
      expect(second.cpuPercent).toBeCloseTo(50 / processors, 6);
      expect(second.memoryBytes).toBe(200);
      expect(sampler.latest).toBe(second);
      now = 2_000;
      usage = new Map([[2, { cpuMs: 200 + 1_000 * processors * 2, memoryBytes: 50 }]]);
      expect((await sampler.sample()).cpuPercent).toBe(100);
    } finally {
      sampler.close();
    }
  });

  test('a host that is held up shows its lag, one that is not hardly any', async () => {
    const sampler = createResourceSampler({ pids: () => [process.pid] });
    try {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sampler.sample();
      await new Promise((resolve) => setTimeout(resolve, 60));
      const end = performance.now() + 400;
      while (performance.now() < end);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect((await sampler.sample()).lagMs).toBeGreaterThan(200);
    } finally {
      sampler.close();
    }
  });
});

test.each([
  ['0:01.50', 1_500],
  ['12:34', 754_000],
  ['01:00:00', 3_600_000],
  ['2-03:04:05', 183_845_000],
])('processor time as ps writes it: %s', (text, ms) => {
  expect(parsePsTime(text)).toBe(ms);
});
