import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HealthResult } from '../../src/control/health.ts';
import {
  cpuUsed,
  createHealth,
  diskFree,
  eventLoopLag,
  type HealthCheck,
  logWritable,
  memoryFree,
  memoryUsed,
} from '../../src/observability/health/index.ts';
import { memoryState } from '../../src/observability/system-memory.ts';

const MB = 1024 * 1024;
const check = (name: string, read: HealthCheck['read'], deadlineMs = 1_000): HealthCheck => ({
  name,
  limit: 'any',
  deadlineMs,
  read,
});
const only = async (one: HealthCheck) => (await createHealth([one]).check()).checks[0]!;

describe('the result', () => {
  test('is the map of the control API; the worst check decides, the score says how much of it is well', async () => {
    const fine = check('fine', () => ({ value: 1 }));
    const half = check('half', () => ({ status: 'degraded', value: 2, message: 'a little' }));
    const bad = check('bad', async () => ({ status: 'unhealthy', value: null }));
    const result = HealthResult.parse(await createHealth([fine, half, bad, fine]).check());
    expect(result).toMatchObject({ status: 'unhealthy', score: 63 });
    expect(result.checks[1]).toEqual({
      name: 'half',
      status: 'degraded',
      value: 2,
      limit: 'any',
      message: 'a little',
    });
    expect(await createHealth([fine, half]).check()).toMatchObject({ status: 'degraded', score: 75 });
    expect(await createHealth([fine]).check()).toMatchObject({ status: 'healthy', score: 100 });
    expect(await createHealth([]).check()).toMatchObject({ status: 'healthy', score: 100, checks: [] });
  });

  test('a check that throws, rejects or never answers is unhealthy, and holds nobody up', async () => {
    const result = await createHealth([
      check('throws', () => {
        throw new Error('boom');
      }),
      check('rejects', () => Promise.reject(new Error('later'))),
      check('hangs', () => new Promise(() => {}), 20),
      check('fine', () => ({ value: true })),
    ]).check();
    expect(result.checks.map(({ status, message }) => [status, message])).toEqual([
      ['unhealthy', 'boom'],
      ['unhealthy', 'later'],
      ['unhealthy', 'no answer within 20 ms'],
      ['healthy', undefined],
    ]);
  });
});

describe('the built-in checks', () => {
  test('disk', async () => {
    expect(await only(diskFree(tmpdir()))).toMatchObject({
      name: 'disk_free',
      status: 'healthy',
      limit: '>= 100 MB',
    });
    expect(await only(diskFree(tmpdir(), 1e12))).toMatchObject({
      status: 'unhealthy',
      limit: '>= 1000000000000 MB',
    });
    expect((await only(diskFree(join(tmpdir(), 'not there')))).message).toContain('ENOENT');
  });

  test('memory', async () => {
    const state = (freeMb: number) => () => ({ limitBytes: 1_000 * MB, freeBytes: freeMb * MB });
    expect(await only(memoryFree(512, state(512)))).toMatchObject({
      status: 'healthy',
      value: '512 MB',
      limit: '>= 512 MB',
    });
    expect(await only(memoryFree(512, state(511)))).toMatchObject({ status: 'degraded', value: '511 MB' });
    expect(await only(memoryFree(512, state(10)))).toMatchObject({ status: 'unhealthy' });
    expect(await only(memoryUsed(state(101)))).toMatchObject({
      status: 'healthy',
      value: '89.9 %',
      limit: '< 90 %',
    });
    expect(await only(memoryUsed(state(100)))).toMatchObject({ status: 'degraded', value: '90.0 %' });
  });

  test('CPU and event-loop lag', async () => {
    const sample = (cpuPercent: number | null, lagMs: number) => () => ({
      cpuPercent,
      lagMs,
      memoryBytes: 0,
    });
    expect(await only(cpuUsed(sample(79.9, 0)))).toMatchObject({ status: 'healthy', limit: '< 80 %' });
    expect(await only(cpuUsed(sample(80, 0)))).toMatchObject({ status: 'degraded', value: '80.0 %' });
    expect(await only(cpuUsed(sample(null, 0)))).toMatchObject({ status: 'healthy', value: null });
    expect(await only(cpuUsed(() => undefined))).toMatchObject({
      status: 'healthy',
      message: 'not measured yet',
    });
    expect(await only(eventLoopLag(sample(0, 5)))).toMatchObject({ status: 'healthy', value: '5.0 ms' });
    expect(await only(eventLoopLag(sample(0, 500)))).toMatchObject({ status: 'degraded' });
  });

  test('log', async () => {
    expect(await only(logWritable(() => ({ problem: undefined, dropped: 0 })))).toMatchObject({
      status: 'healthy',
    });
    expect(await only(logWritable(() => ({ problem: 'erlmcp.log: ENOSPC', dropped: 3 })))).toMatchObject({
      status: 'degraded',
      message: 'erlmcp.log: ENOSPC (3 lines lost)',
    });
  });
});

describe('memory of machine and control groups', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'erlmcp-cgroup-'));
    put('proc/meminfo', 'MemTotal:  8388608 kB\nMemFree:  100 kB\nMemAvailable:  4194304 kB\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function put(path: string, content: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const state = () => memoryState({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup') });

  test('without groups, the machine', () => {
    expect(state()).toEqual({ limitBytes: 8_192 * MB, freeBytes: 4_096 * MB });
  });

  test('version 2: the tightest group above the process; what only caches files is free', () => {
    put('proc/self/cgroup', '0::/system.slice/erlmcp.service\n');
    put('cgroup/system.slice/memory.max', `${2_000 * MB}\n`);
    put('cgroup/system.slice/memory.current', `${1_500 * MB}\n`);
    put('cgroup/system.slice/memory.stat', `anon ${900 * MB}\ninactive_file ${600 * MB}\nslab 5\n`);
    put('cgroup/system.slice/erlmcp.service/memory.max', 'max\n');
    put('cgroup/system.slice/erlmcp.service/memory.current', '1\n');
    expect(state()).toEqual({ limitBytes: 2_000 * MB, freeBytes: 1_100 * MB });
  });

  test('version 2 in a container, where the group is the root', () => {
    put('proc/self/cgroup', '0::/\n');
    put('cgroup/memory.max', `${600 * MB}\n`);
    put('cgroup/memory.current', `${700 * MB}\n`);
    expect(state()).toEqual({ limitBytes: 600 * MB, freeBytes: 0 });
  });

  test('version 1, with a path that is not mounted here, and a number that means no limit', () => {
    put('proc/self/cgroup', '5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n');
    put('cgroup/memory/memory.limit_in_bytes', `${1_000 * MB}\n`);
    put('cgroup/memory/memory.usage_in_bytes', `${400 * MB}\n`);
    put('cgroup/memory/memory.stat', `cache 1\ntotal_inactive_file ${100 * MB}\n`);
    expect(state()).toEqual({ limitBytes: 1_000 * MB, freeBytes: 700 * MB });
    put('cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
    expect(state()).toEqual({ limitBytes: 8_192 * MB, freeBytes: 4_096 * MB });
  });

  test('here and now', () => {
    const { limitBytes, freeBytes } = memoryState();
    expect(limitBytes).toBeGreaterThan(64 * MB);
    expect(freeBytes).toBeLessThanOrEqual(limitBytes);
  });
});
