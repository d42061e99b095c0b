/**
 * Pids print as Erlang's do and are plain strings. They are unique within a node: the first number is that of the process table
 * (0: the host; k: runner `rk`), the second is counted in it and never reused. A process that is handed over keeps its pid.
 */
import { exitTuple } from './exit-error.ts';

/** The identity of a process within its node: `<0.12.0>`. */
export type Pid = `<${number}.${number}.0>`;

const PID = /^<(\d+)\.(\d+)\.0>$/;

export const isPid = (address: string): address is Pid => PID.test(address);

/** The number of the process table that a pid was made in, and its place there. */
export function partsOf(pid: Pid): readonly [node: number, serial: number] {
  const [, node, serial] = PID.exec(pid) ?? [];
  return [Number(node), Number(serial)];
}

/** Order of creation within a table; tables in the order of their numbers. */
export function byAge(a: Pid, b: Pid): number {
  const [[nodeA, serialA], [nodeB, serialB]] = [partsOf(a), partsOf(b)];
  return nodeA - nodeB || serialA - serialB;
}

/** The number in a runner's id: 3 of `r3`; 0 of any other. */
export const nodeNumberOf = (origin: string): number => Number(/^r(\d+)$/.exec(origin)?.[1] ?? 0);

export class PidSource {
  #node = 0;
  #last = 0;

  /** Sets the first number, for good once a pid has been handed out. @throws ExitError `{late_connect, Origin}` */
  settle(node: number, origin: string): void {
    if (node !== this.#node && this.#last > 0)
      throw exitTuple(
        'late_connect',
        origin,
        'processes run already, and keep their pids; connect before any is started.',
      );
    this.#node = node;
  }

  next(): Pid {
    this.#last += 1;
    return `<${this.#node}.${this.#last}.0>`;
  }
}
