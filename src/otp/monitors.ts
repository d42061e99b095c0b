/**
 * Who watches whom, by name or pid. A watcher gets `['DOWN', ref, name, reason]` once, when the watched process ends. A hand-over ends
 * nothing: the monitors of a moved server move with it, and those on it stay.
 */
import { printAtom } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import type { Pid } from './pid.ts';
import type { MonitorSnapshot } from './ports.ts';

/** The message that ends a monitor. */
export type DownMessage = readonly ['DOWN', ref: string, name: string, reason: string];

export class Monitors {
  readonly #monitors = new Map<string, { name: string; watcher: HostedProcess }>();

  get size(): number {
    return this.#monitors.size;
  }

  restore(watcher: HostedProcess, { ref, name }: MonitorSnapshot): void {
    this.#monitors.set(ref, { name, watcher });
  }

  remove(ref: string): boolean {
    return this.#monitors.delete(ref);
  }

  of(watcher: HostedProcess): MonitorSnapshot[] {
    return [...this.#monitors]
      .filter(([, monitor]) => monitor.watcher === watcher)
      .map(([ref, { name }]) => ({ ref, name }));
  }

  drop(watcher: HostedProcess): void {
    for (const { ref } of this.of(watcher)) this.#monitors.delete(ref);
  }

  fire(ended: HostedProcess, reason: string): void {
    for (const [ref, { name, watcher }] of this.#monitors) {
      if (name === ended.name || name === ended.pid)
        this.#tell(ref, watcher, ['DOWN', ref, name, reason], ended.pid);
    }
  }

  /** Ends the monitors on names that do not exist. */
  fireMissing(exists: (name: string) => boolean): void {
    for (const [ref, { name, watcher }] of this.#monitors) {
      if (!exists(name))
        this.#tell(ref, watcher, ['DOWN', ref, name, `{noproc, ${printAtom(name)}}`], 'outside');
    }
  }

  #tell(ref: string, watcher: HostedProcess, body: DownMessage, origin: Pid | 'outside'): void {
    this.#monitors.delete(ref);
    watcher.post({ kind: 'info', body, origin, from: undefined });
  }
}
