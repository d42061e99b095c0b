/**
 * Whether a write is on disk before it is acknowledged, as the kernel sees it: strace records what the writing process asks for, and
 * makes each flush late, so that an acknowledgement that does not wait for its flush comes before it. lmdb 3.5.6 writes the pages
 * of a commit, flushes them (fdatasync), and then writes the meta page through a second descriptor that is opened with O_DSYNC.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, tempDir } from './helpers.ts';

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const FLUSH_MICROSECONDS = 50_000;
const STRACE = [
  ...['-f', '-qq', '-s', '40', '-e', 'trace=openat,fdatasync,pwrite64,pwritev,write'],
  ...['-e', `inject=fdatasync:delay_enter=${FLUSH_MICROSECONDS}`],
];
const WAYS = [
  ...['put', 'putNew', 'update', 'counter', 'together', 'transaction', 'synchronous', 'take', 'delete'],
];

/** What the writing process has done, each at the moment that it ended. */
type Act = 'page' | 'flush' | 'meta' | `acknowledged ${string}` | 'attached';

/** Joins a call that strace has cut in two, at the place of its end. */
function wholeCalls(log: string): string[] {
  const begun = new Map<string, string>();
  return log.split('\n').flatMap((line) => {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const cut = rest.indexOf(' <unfinished ...>');
    if (cut >= 0) {
      begun.set(thread, rest.slice(0, cut));
      return [];
    }
    return [rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? '')];
  });
}

/** @param folder of the environment whose file is looked at */
function actsOf(log: string, folder: string): Act[] {
  let synced: string | undefined;
  const files = new Set<string>();
  return wholeCalls(log).flatMap((call): Act[] => {
    const opened = /^openat\(.*"([^"]*)", ([^)]*)\) = (\d+)/.exec(call);
    if (opened?.[1] === join(folder, 'data.mdb')) {
      if (opened[2]?.includes('O_DSYNC')) synced = opened[3];
      else files.add(opened[3] ?? '');
    }
    const said = /^write\(2, "(attached|acknowledged \w+)/.exec(call);
    if (said) return [said[1] as Act];
    const [, name, descriptor = ''] = /^(fdatasync|pwrite64|pwritev)\((\d+)/.exec(call) ?? [];
    if (name !== undefined && descriptor === synced) return ['meta'];
    if (!files.has(descriptor)) return [];
    return [name === 'fdatasync' ? 'flush' : 'page'];
  });
}

/** The acknowledgements before which there is no `page, flush, meta`, in this order and after the one before. */
function unflushed(acts: readonly Act[]): string[] {
  const early: string[] = [];
  let since: Act[] = [];
  for (const act of acts.slice(acts.indexOf('attached') + 1)) {
    if (!act.startsWith('acknowledged')) since.push(act);
    else {
      const pages = since.indexOf('page');
      const flush = since.indexOf('flush', pages);
      if (pages < 0 || flush < pages || since.indexOf('meta', flush) < flush) early.push(act);
      since = [];
    }
  }
  return early.map((act) => act.slice('acknowledged '.length));
}

function trace(storage: 'disc' | 'ram'): Act[] {
  const dir = tempDir();
  const log = join(tempDir(), 'log');
  const args = [fixture('flush-writer.ts'), dir, storage];
  const traced = spawnSync('strace', [...STRACE, '-o', log, process.execPath, ...args], { encoding: 'utf8' });
  expect([traced.status, traced.stderr.split('\n')[0]]).toEqual([0, 'attached']);
  const acts = actsOf(readFileSync(log, 'utf8'), join(dir, storage));
  expect(acts.filter((act) => act.startsWith('acknowledged'))).toEqual(
    WAYS.map((name) => `acknowledged ${name}`),
  );
  return acts;
}

describe.skipIf(!canTrace)('with every flush delayed', () => {
  it('rule 11: no write of a disc table is acknowledged before its flush', () => {
    expect(unflushed(trace('disc'))).toEqual([]);
  });

  it('those of ram tables are, which shows that the test would see it', () => {
    const acts = trace('ram');
    expect(acts).not.toContain('flush');
    expect(unflushed(acts)).toEqual(WAYS);
  });
});
