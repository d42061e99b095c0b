/**
 * Loaded into the node under test before its own code (`node --import`). In each of its processes it lets the clock be moved; in
 * the host alone it makes an upgrade stand still in one phase, between two steps of the product's own, as a slow machine would.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunnerProcess } from '../../src/host/runner-process.ts';
import type { HostStore } from '../../src/host/store.ts';
import type { Phase } from './matrix.ts';
import { AFTER } from './release/versions.ts';

const LOOK_MS = 10;
const folder = `${process.env.ERLMCP_HOME ?? ''}/faults`;
const has = (name: string): boolean => existsSync(`${folder}/${name}`);

/** `faults/clock` holds how far the wall clock is off, in ms. The monotonic clock stays as it is, as on a machine whose time is set. */
function moveClock(): void {
  const Real = Date;
  const realNow = Date.now.bind(Date);
  let offset = 0;
  class Moved extends Real {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(realNow() + offset);
      else super(...(parts as [number]));
    }
    static override now(): number {
      return realNow() + offset;
    }
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Real;
    }
  }
  globalThis.Date = Moved as DateConstructor;
  setInterval(() => {
    if (!has('clock')) return;
    const wanted = Number(readFileSync(`${folder}/clock`, 'utf8'));
    if (wanted === offset) return;
    offset = wanted;
    writeFileSync(`${folder}/clock-${process.pid}`, String(offset));
  }, LOOK_MS).unref();
}

/** The first time that this phase comes by it stands still until the driver lets it go on. */
async function gate(phase: Phase): Promise<void> {
  if (!has('plan.json') || has('at_gate')) return;
  const plan = JSON.parse(readFileSync(`${folder}/plan.json`, 'utf8')) as { gate?: Phase };
  if (plan.gate !== phase) return;
  writeFileSync(`${folder}/at_gate`, '');
  while (!has('go')) await delay(LOOK_MS);
}

interface Site {
  phase: Phase;
  when: 'before' | 'after';
  /** Version of the runner that is called; undefined: any. The way back calls some of them too. */
  of?: string;
}

/** A call of the coordinator that is in the middle of the phase, and whether the gate comes before or after it. */
const CALLS: Readonly<Record<string, Site>> = {
  verifyLenses: { phase: 'pre_flight_checks', when: 'before' },
  buildIndexes: { phase: 'load_modules', when: 'before' },
  suspend: { phase: 'suspend_supervisors', when: 'after' },
  snapshot: { phase: 'transform_state', when: 'after' },
  resume: { phase: 'resume_supervisors', when: 'before', of: AFTER },
  pingServers: { phase: 'post_flight_checks', when: 'before', of: AFTER },
};

function gateCalls(runner: RunnerProcess): void {
  const call = runner.call as (this: unknown, ...args: unknown[]) => Promise<unknown>;
  Object.assign(runner, {
    async call(this: RunnerProcess, ...args: unknown[]): Promise<unknown> {
      const found = CALLS[args[0] as string];
      const site = found?.of === undefined || found.of === this.vsn ? found : undefined;
      if (site?.when === 'before') await gate(site.phase);
      const answer = await call.apply(this, args);
      if (site?.when === 'after') await gate(site.phase);
      return answer;
    },
  });
}

function gateStore(store: HostStore): void {
  const { backup, setActive } = store;
  Object.assign(store, {
    async backup(this: HostStore, path: string): Promise<void> {
      await gate('backup_state');
      return backup.call(this, path);
    },
    async setActive(this: HostStore, ...args: Parameters<HostStore['setActive']>): Promise<void> {
      if (args[1] !== undefined) await gate('migrate_data');
      return setActive.apply(this, args);
    },
  });
}

moveClock();
if (process.argv[1]?.endsWith('src/main/erlmcp.ts') && process.argv.includes('foreground')) {
  gateCalls((await import('../../src/host/runner-process.ts')).RunnerProcess.prototype);
  gateStore((await import('../../src/host/store.ts')).HostStore.prototype);
}
